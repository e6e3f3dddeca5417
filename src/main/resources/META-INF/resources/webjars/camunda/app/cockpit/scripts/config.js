// Cockpit's settings: all as Camunda has them, and one script of our own.
export default {
  customScripts: ['scripts/ended-runs.js'],
};
