import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Dependencies that only building, training and the viewer's page need. */
const leftOut = /^(@tensorflow\/|typescript$|vite$|node-gyp$|uplot$|d3-)/;

/** A file of this machine, and where an installation has it. */
export interface InstalledFile {
  from: string;
  to: string;
}

/**
 * What an installed flimd consists of: the build, the models, and the packages it needs to run. A guest keeps them
 * in memory: Node looks at thousands of places when it starts, each a round trip where files are far away.
 */
export function installedFiles(checkout: string, more: readonly string[]): InstalledFile[] {
  const modules = path.join(checkout, 'node_modules');
  return [
    ...['dist', 'models', 'build/Release', ...more].flatMap((name) => filesIn(checkout, name)),
    { from: path.join(checkout, 'package.json'), to: 'package.json' },
    ...packageFolders(checkout, modules).flatMap((name) =>
      filesIn(modules, name).map(({ from, to }) => ({ from, to: path.join('node_modules', to) })),
    ),
  ];
}

const needless = /\.(map|d\.ts|md|o|cc|h|d)$|\/(test|tests|benchmark|obj\.target|prebuilds\/(?!linux))\b/;

/** Files below `folder`/`name`, named as seen from `folder`; links are followed. */
function filesIn(folder: string, name: string): InstalledFile[] {
  const top = path.join(folder, name);
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((from) => ({ from, to: path.join(name, path.relative(top, from)) }))
    .filter(({ to }) => name.startsWith('test/') || !needless.test(to));
}

/** The packages of package.json and what these need, as folders in node_modules. */
function packageFolders(checkout: string, modules: string): string[] {
  const found = new Set<string>();
  const add = (folder: string): void => {
    const { dependencies = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      // One that lies inside the package that needs it comes with that.
      if (found.has(name) || leftOut.test(name) || !existsSync(path.join(modules, name))) continue;
      found.add(name);
      add(path.join(modules, name));
    }
  };
  add(checkout);
  return [...found];
}
