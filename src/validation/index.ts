export { defaultValidationOptions, type ValidationOptions } from './camera-under-test.js';
export type { Check, CheckResult, Finding, Verdict } from './check.js';
export { reportPage } from './report-page.js';
export { resultLines, subjectLines, verdictLine } from './report-text.js';
export { checks, validateCamera, type ValidationParts, type ValidationReport } from './validation.js';
