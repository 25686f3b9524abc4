/**
 * The compiled JavaScript file of a worker thread. Worker threads cannot load TypeScript, so a module that
 * runs from `src/` (under the test runner) is given the file that the build put into `dist/`.
 */
export function workerFile(moduleUrl: string, relative: string): URL {
  const url = new URL(relative, moduleUrl);
  if (moduleUrl.endsWith('.ts')) url.pathname = url.pathname.replace(/\/src\/(?!.*\/src\/)/, '/dist/');
  return url;
}
