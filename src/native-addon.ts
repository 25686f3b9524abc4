import { createRequire } from 'node:module';
import { FlimdError } from './protocol/errors.js';

/** The same place seen from src and from dist. */
const FOLDER = '../build';

/**
 * Loads an addon of build/ at its first use. `what` begins the message where that fails ("the native kernels do"),
 * `action` says how it is made. The function throws FLIMD_E_NATIVE_MISSING.
 */
export function nativeAddon<Addon>(
  file: string,
  what: string,
  action = 'run `npm run build:native` (needs Python 3 and a C++20 compiler)',
): () => Addon {
  let loaded: Addon | undefined;
  return () => {
    try {
      return (loaded ??= createRequire(import.meta.url)(`${FOLDER}/${file}`) as Addon);
    } catch (cause) {
      throw new FlimdError(
        'FLIMD_E_NATIVE_MISSING',
        `${what} not load: ${(cause as Error).message.split('\n')[0]}`,
        { expected: `build/${file}, built for this machine and this version of Node.js`, action },
        { cause },
      );
    }
  };
}
