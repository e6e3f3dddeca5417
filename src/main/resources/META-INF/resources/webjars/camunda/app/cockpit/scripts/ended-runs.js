// Shows in Cockpit what its community edition does not: instances that have ended. Reads the engine's own history, so everybody
// sees what the engine lets him see. Plain modules: nothing is built.

const PAGE = 50;
const base = document.querySelector('base');
const root = base.getAttribute('app-root');
const engine = (base.getAttribute('href').match(/\/app\/cockpit\/([^/]+)\//) ?? [])[1] ?? 'default';

async function read(path, parameters = {}) {
  const url = `${root}/api/engine/engine/${engine}${path}?${new URLSearchParams(parameters)}`;
  const response = await fetch(url, {headers: {Accept: 'application/json'}});
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Error(said.message ?? `${path}: ${response.status}`);
  }
  return response.json();
}

function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

const at = time => (time ? new Date(time).toISOString().replace('T', ' ').replace(/\..*/, ' UTC') : '');
const took = millis => (millis == null ? '' : millis < 1000 ? `${millis} ms`
  : millis < 60000 ? `${(millis / 1000).toFixed(1)} s` : `${Math.floor(millis / 60000)} min ${Math.floor(millis / 1000) % 60} s`);
const words = state => state.toLowerCase().replaceAll('_', ' ');

function table(heads, rows) {
  return make('table', {class: 'cam-table'},
    make('thead', {}, make('tr', {}, ...heads.map(head => make('th', {scope: 'col'}, head)))),
    make('tbody', {}, ...rows.map(cells => make('tr', {}, ...cells.map(cell => make('td', {}, cell ?? ''))))));
}

/** Fills the place when all is read; what cannot be read is said there. */
async function fill(node, what) {
  node.replaceChildren(make('p', {}, 'Reading …'));
  try {
    node.replaceChildren(...await what());
  } catch (problem) {
    node.replaceChildren(make('p', {class: 'alert alert-danger', role: 'alert'}, `The history cannot be read: ${problem.message}`));
  }
}

/** What a run has come to stands in a variable of it. */
async function endings(instances) {
  if (instances.length === 0) {
    return new Map();
  }
  const variables = await read('/history/variable-instance',
    {processInstanceIdIn: instances.map(each => each.id).join(','), variableName: 'ending', deserializeValues: false});
  return new Map(variables.map(variable => [variable.processInstanceId, variable.value]));
}

async function list() {
  const instances = await read('/history/process-instance',
    {rootProcessInstances: true, finished: true, sortBy: 'endTime', sortOrder: 'desc', maxResults: PAGE + 1});
  if (instances.length === 0) {
    return [make('p', {}, 'Nothing has ended yet.')];
  }
  const shown = instances.slice(0, PAGE);
  const ending = await endings(shown);
  return [
    table(['Runbook', 'Ended', 'Cluster', 'Came to', 'Took', 'Began', 'Instance'], shown.map(each => [
      `${each.processDefinitionName ?? each.processDefinitionKey} (version ${each.processDefinitionVersion})`,
      at(each.endTime), each.businessKey ?? '', words(ending.get(each.id) || each.state), took(each.durationInMillis), at(each.startTime),
      make('a', {href: `#/ended/${encodeURIComponent(each.id)}`}, each.id)])),
    make('p', {}, instances.length > PAGE ? `The newest ${PAGE}. ` : '', make('a', {href: '/runs'}, 'All runs'), ' with filters stand in Switchman.'),
  ];
}

async function drawing(definition, activities) {
  await import('/lib/bpmn-js/bpmn-navigated-viewer.production.min.js');
  const {bpmn20Xml} = await read(`/process-definition/${encodeURIComponent(definition)}/xml`);
  const box = make('div', {class: 'ended-diagram', tabindex: '0', role: 'group', 'aria-label': 'Diagram, to move and zoom'});
  return {box, draw: async () => {
    const viewer = new BpmnJS({container: box});
    await viewer.importXML(bpmn20Xml);
    const canvas = viewer.get('canvas');
    canvas.zoom('fit-viewport', 'auto');
    for (const activity of activities) {
      if (viewer.get('elementRegistry').get(activity.activityId)) {
        canvas.addMarker(activity.activityId, activity.canceled ? 'ended-left' : 'ended-done');
        if (activity.activityType === 'subProcess') {
          canvas.addMarker(activity.activityId, 'ended-frame');
        }
      }
    }
  }};
}

async function instance(id) {
  const key = encodeURIComponent(id);
  const [one, activities, variables] = await Promise.all([
    read(`/history/process-instance/${key}`),
    read('/history/activity-instance', {processInstanceId: id, sortBy: 'startTime', sortOrder: 'asc'}),
    read('/history/variable-instance', {processInstanceId: id, deserializeValues: false, sortBy: 'variableName', sortOrder: 'asc'}),
  ]);
  const {box, draw} = await drawing(one.processDefinitionId, activities);
  queueMicrotask(() => draw().catch(problem => box.replaceChildren(`The diagram cannot be drawn: ${problem.message}`)));
  const ending = variables.find(variable => variable.name === 'ending')?.value;
  return [
    make('p', {}, make('a', {href: `#/process-definition/${encodeURIComponent(one.processDefinitionId)}`}, 'Its version of the runbook'), ' · ',
      make('a', {href: `/runs/${encodeURIComponent(one.rootProcessInstanceId ?? id)}`}, 'The run in Switchman: statements, decisions, approvals, export'),
      ...(one.superProcessInstanceId ? [' · ', make('a', {href: `#/ended/${encodeURIComponent(one.superProcessInstanceId)}`}, 'What called it')] : [])),
    make('h2', {}, `${one.processDefinitionName ?? one.processDefinitionKey} of ${one.businessKey ?? 'no cluster'}: ${words(ending || one.state)}`),
    make('p', {}, `Version ${one.processDefinitionVersion}, from ${at(one.startTime)} to ${at(one.endTime) || 'now'}, ${took(one.durationInMillis)}`),
    box,
    make('h3', {}, 'Activities'),
    table(['Activity', 'Kind', 'From', 'Until', 'Took', 'Left', 'Called'], activities.map(each => [each.activityName ?? each.activityId,
      each.activityType, at(each.startTime), at(each.endTime), took(each.durationInMillis), each.canceled ? 'by an error or an event' : '',
      each.calledProcessInstanceId ? make('a', {href: `#/ended/${encodeURIComponent(each.calledProcessInstanceId)}`}, 'see it') : ''])),
    make('h3', {}, 'Variables at the end'),
    table(['Name', 'Value'], variables.map(each => [each.name, String(each.value ?? '')])),
  ];
}

document.head.append(make('link', {rel: 'stylesheet', href: '/lib/bpmn-js/diagram-js.css'}), make('style', {}, `
  .ended-diagram { height: 420px; border: 1px solid #ccc; margin: 10px 0; }
  .ended-done:not(.djs-connection) .djs-visual > :is(rect, circle, polygon) { fill: #d5f0dc !important; stroke: #1d7a38 !important; }
  .ended-left:not(.djs-connection) .djs-visual > :is(rect, circle, polygon) { fill: #fde3e1 !important; stroke: #a11212 !important; }
  .ended-frame:not(.djs-connection) .djs-visual > rect { fill: none !important; }
  .ended-runs { padding: 14px 20px 40px; overflow: auto; }
  .ended-runs td { padding: 4px 12px 4px 0; vertical-align: top; overflow-wrap: anywhere; }`));

export default [
  {
    id: 'switchman-ended',
    pluginPoint: 'cockpit.processes.dashboard',
    priority: 5,
    render: node => {
      const place = make('div');
      node.append(make('section', {class: 'ended-runs'}, make('h3', {}, 'Ended runs'), place));
      fill(place, () => list());
    },
    unmount: () => {},
  },
  {
    id: 'switchman-ended-instance',
    pluginPoint: 'cockpit.route',
    priority: 0,
    properties: {path: '/ended/:id', label: 'Ended run'},
    render: node => {
      const id = decodeURIComponent(location.hash.replace(/^#\/ended\//, '').replace(/[?/].*/, ''));
      node.classList.add('ended-runs');
      fill(node, () => instance(id));
    },
    unmount: () => {},
  },
];
