import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/**
 * What pages of the daemon may do: run its own scripts, reach its own addresses, and nothing else. Styles come from
 * files; scripts set single properties through the CSSOM, which this allows. Canvas snapshots are `blob:` images.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>flimd: viewer not built</title>
<h1>The viewer is not built</h1>
<p>flimd is running, but there is no viewer to show. Build it with <code>npm run build:viewer</code>
and start the daemon again.</p>
<p>Without the viewer: <a href="/api/v1/status">status</a>.</p>
`;

/** Serves the built viewer, or a page that says how to build it. */
export function viewerFiles(app: FastifyInstance, viewerDir: string): void {
  if (!existsSync(path.join(viewerDir, 'index.html'))) {
    app.get('/', (_, reply) =>
      reply.code(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(NOT_BUILT),
    );
    return;
  }
  const root = path.resolve(viewerDir);
  const hashedNames = path.join(root, 'assets') + path.sep;
  void app.register(fastifyStatic, {
    root,
    cacheControl: false,
    // Files in assets/ carry a hash of their content in the name; all others are asked for anew every time.
    setHeaders: (reply, file) => {
      reply.setHeader(
        'cache-control',
        file.startsWith(hashedNames) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
}
