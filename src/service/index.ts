export { ServiceNotifier } from './service-notifier.js';
export { statusLine } from './status-line.js';
