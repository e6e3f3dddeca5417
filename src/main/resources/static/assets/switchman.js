// Buttons that send to the API, live parts that keep what a reader has opened, and viewers of diagrams and tables.
'use strict';
(() => {
  const csrf = () => document.querySelector('meta[name=csrf]')?.content ?? '';

  for (const link of document.querySelectorAll('.bar nav a')) {
    if (location.pathname === link.pathname || location.pathname.startsWith(link.pathname + '/')) {
      link.setAttribute('aria-current', 'page');
    }
  }

  // ---- a form with data-api sends its fields as JSON, and says what the server answered

  const body = (form, pressed) => {
    const fields = {};
    for (const field of form.elements) {
      if (!field.name || field.name === '_csrf' || field.type === 'submit' || (field.type === 'checkbox' && !field.checked)) {
        continue;
      }
      if (field.dataset.kind === 'list') {
        (fields[field.name] ??= []).push(field.value);
      } else if (field.value !== '') {
        fields[field.name] = field.value;
      }
    }
    if (pressed?.name) {
      fields[pressed.name] = pressed.dataset.kind === 'boolean' ? pressed.value === 'true' : pressed.value;
    }
    return fields;
  };

  document.addEventListener('submit', async event => {
    const form = event.target;
    if (!form.dataset.api) {
      return;
    }
    event.preventDefault();
    const answer = form.querySelector('.answer');
    const buttons = [...form.querySelectorAll('button')];
    buttons.forEach(button => { button.disabled = true; });
    answer.textContent = '';
    try {
      const response = await fetch(form.dataset.api, {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'X-CSRF-TOKEN': csrf()},
        body: JSON.stringify(body(form, event.submitter)),
      });
      const said = await response.json().catch(() => ({}));
      if (response.ok) {
        if (said.run) {
          location.assign('/runs/' + encodeURIComponent(said.run));
        } else if (said.tested) {
          answer.textContent = said.tested.length === 0 ? 'Nobody is told of this cluster: see mail and notify in the configuration.'
            : said.tested.map(each => each.receiver + (each.arrived ? ': arrived (' : ': DID NOT ARRIVE (') + each.answer + ')').join('; ') + '.';
          buttons.forEach(button => { button.disabled = false; });
        } else {
          location.reload();
        }
        return;
      }
      answer.textContent = response.status === 401 ? 'You are not logged in any more: load the page again.'
        : said.detail ?? 'The server answered ' + response.status + '.';
    } catch (problem) {
      answer.textContent = 'The server does not answer: ' + problem.message;
    }
    buttons.forEach(button => { button.disabled = false; });
  });

  // ---- live parts

  // The server says when a part has changed; a page that hears nothing asks every two seconds. One that nobody sees does neither.
  const ASK = 2000;
  const AGAIN = 30000;
  let stream;
  let asking;
  let again;
  let underWay = false;
  let more = false;
  const part = () => document.querySelector('#live[data-events]');

  // Not by an event for htmx: what it has just put there listens to none for some milliseconds.
  const refresh = async () => {
    const live = part();
    if (underWay) {
      more = true; // what is on its way may be older than the change
      return;
    }
    if (!live || document.hidden) {
      return;
    }
    underWay = true;
    try {
      await htmx.ajax('GET', live.getAttribute('hx-get'), {source: live, target: live, swap: 'outerHTML'});
    } catch (problem) {
      console.debug(problem); // the stream has broken too, and the page asks again
    } finally {
      underWay = false;
    }
    if (more) {
      more = false;
      refresh();
    }
  };

  const stop = () => {
    stream?.close();
    stream = undefined;
    clearInterval(asking);
    clearTimeout(again);
    asking = undefined;
  };
  const follow = () => {
    stop();
    if (!part() || document.hidden) {
      return;
    }
    stream = new EventSource(part().dataset.events);
    stream.addEventListener('open', () => {
      clearInterval(asking);
      asking = undefined;
      refresh(); // what has changed before
    });
    stream.addEventListener('changed', refresh);
    stream.addEventListener('seen', event => {
      const times = JSON.parse(event.data);
      for (const place of document.querySelectorAll('[data-seen]')) {
        place.textContent = times[place.dataset.seen] ?? place.textContent;
      }
    });
    stream.addEventListener('over', () => {
      stop();
      refresh(); // leads to the login where that is what is over
      again = setTimeout(follow, ASK);
    });
    stream.addEventListener('error', event => {
      asking ??= setInterval(refresh, ASK);
      if (event.target.readyState === EventSource.CLOSED) { // else the browser tries again by itself
        clearTimeout(again);
        again = setTimeout(follow, AGAIN);
      }
    });
  };
  document.addEventListener('visibilitychange', follow);
  addEventListener('pagehide', stop);
  addEventListener('pageshow', event => event.persisted && follow());

  let shown = '';
  document.addEventListener('htmx:beforeSwap', event => {
    if (new URL(event.detail.xhr.responseURL).pathname === '/login') { // the session has ended
      location.reload();
      event.detail.shouldSwap = false;
      return;
    }
    if (event.detail.serverResponse === shown) {
      event.detail.shouldSwap = false;
    }
    shown = event.detail.serverResponse;
  });
  let opened = new Set();
  document.addEventListener('htmx:beforeSwap', () => {
    opened = new Set([...document.querySelectorAll('#live details[id][open]')].map(details => details.id));
  });
  document.addEventListener('htmx:afterSwap', () => {
    for (const details of document.querySelectorAll('#live details[id]')) {
      details.open = details.open || opened.has(details.id);
    }
    mark();
    if (!part()) { // the run has ended
      stop();
    }
  });

  // ---- viewers

  const viewers = new Map();
  const load = (tag, attributes) => new Promise((done, failed) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.onload = done;
    element.onerror = () => failed(new Error((attributes.src ?? attributes.href) + ' cannot be loaded'));
    document.head.append(element);
  });
  const sheet = href => load('link', {rel: 'stylesheet', href});
  const text = async url => {
    const response = await fetch(url);
    if (!response.ok) {
      throw new Error(url + ': ' + response.status);
    }
    return response.text();
  };
  const dark = () => matchMedia('(prefers-color-scheme: dark)').matches;

  function mark() {
    for (const marks of document.querySelectorAll('[data-marks-of]')) {
      const viewer = viewers.get(marks.dataset.marksOf);
      if (viewer) {
        paint(viewer, JSON.parse(marks.dataset.marks));
      } else if (viewers.size > 0 && !document.querySelector('[data-instance="' + CSS.escape(marks.dataset.marksOf) + '"]')) {
        location.reload(); // the run has called another part: its diagram belongs on the page
      }
    }
  }

  function paint(viewer, marks) {
    const canvas = viewer.get('canvas');
    const overlays = viewer.get('overlays');
    const registry = viewer.get('elementRegistry');
    overlays.clear();
    for (const element of registry.getAll()) {
      for (const kind of ['run-done', 'run-now', 'run-left', 'run-flow', 'run-frame']) {
        if (canvas.hasMarker(element, kind)) {
          canvas.removeMarker(element, kind);
        }
      }
    }
    for (const [kind, ids] of [['run-done', marks.done], ['run-now', marks.now], ['run-left', marks.left], ['run-flow', marks.flows]]) {
      for (const id of ids.filter(known => registry.get(known))) {
        canvas.addMarker(id, kind);
        if (registry.get(id).type === 'bpmn:SubProcess') {
          canvas.addMarker(id, 'run-frame');
        }
      }
    }
    for (const [id, time] of Object.entries(marks.times)) {
      if (registry.get(id)) {
        const pill = document.createElement('span');
        pill.className = 'time';
        pill.textContent = time;
        overlays.add(id, {position: {top: -11, right: 40}, html: pill});
      }
    }
  }

  async function draw(box) {
    const colours = dark() ? {defaultFillColor: '#1b222b', defaultStrokeColor: '#c5d0dc', defaultLabelColor: '#e8edf2'} : {};
    const viewer = new BpmnJS({container: box, bpmnRenderer: colours});
    box.hidden = false;
    await viewer.importXML(await text(box.dataset.diagram));
    const canvas = viewer.get('canvas');
    const frame = canvas.viewbox().inner;
    box.style.height = Math.min(640, Math.max(220, box.clientWidth * frame.height / frame.width + 40)) + 'px';
    canvas.resized();
    canvas.zoom('fit-viewport', 'auto');
    const tools = document.createElement('div');
    tools.className = 'tools';
    for (const [label, said, what] of [['+', 'Closer', () => viewer.get('zoomScroll').stepZoom(1)], ['−', 'Farther', () => viewer.get('zoomScroll').stepZoom(-1)],
      ['All', 'The whole diagram', () => canvas.zoom('fit-viewport', 'auto')]]) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'plain';
      button.textContent = label;
      button.setAttribute('aria-label', said);
      button.addEventListener('click', what);
      tools.append(button);
    }
    box.append(tools);
    box.addEventListener('keydown', event => {
      const step = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]}[event.key];
      if (step && event.target === box) {
        canvas.scroll({dx: step[0], dy: step[1]});
        event.preventDefault();
      }
    });
    box.parentElement.querySelector('.drawn').hidden = true;
    viewers.set(box.dataset.instance, viewer);
  }

  let diagrams;
  async function drawOpened() {
    // A closed part has no width to be drawn in.
    const boxes = [...document.querySelectorAll('details[open] .viewer:not([data-begun])')];
    if (boxes.length === 0) {
      return;
    }
    boxes.forEach(box => { box.dataset.begun = 'yes'; });
    diagrams ??= Promise.all([load('script', {src: '/lib/bpmn-js/bpmn-navigated-viewer.production.min.js'}),
      sheet('/lib/bpmn-js/diagram-js.css'), sheet('/lib/bpmn-js/bpmn-js.css')]);
    await diagrams;
    for (const box of boxes) {
      try {
        await draw(box);
      } catch (problem) {
        box.hidden = true; // the drawing made on the server stays
        console.error(problem);
      }
    }
    mark();
  }

  let tables;
  document.addEventListener('toggle', async event => {
    drawOpened().catch(console.error);
    const box = event.target.querySelector?.('.table-viewer');
    if (!box || !event.target.open || box.dataset.begun) {
      return;
    }
    box.dataset.begun = 'yes';
    tables ??= Promise.all([load('script', {src: '/lib/dmn-js/dmn-viewer.production.min.js'}),
      sheet('/lib/dmn-js/dmn-js-shared.css'), sheet('/lib/dmn-js/dmn-js-decision-table.css')]);
    try {
      await tables;
      const viewer = new DmnJS({container: box});
      await viewer.importXML(await text(box.dataset.table), {open: false});
      await viewer.open(viewer.getViews().find(view => view.type === 'decisionTable'));
      for (const scrolled of box.querySelectorAll('.tjs-table-container')) { // else only a mouse could scroll it
        Object.assign(scrolled, {tabIndex: 0, role: 'group', ariaLabel: 'Decision table'});
      }
    } catch (problem) {
      box.textContent = ''; // the table made on the server stands above
      delete box.dataset.begun;
      console.error(problem);
    }
  }, true);

  drawOpened().catch(console.error);
  follow();
})();
