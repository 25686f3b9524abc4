import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FlimdError } from '../protocol/errors.js';

export interface AccessOptions {
  /** Name or address listened on, as configured. */
  host: string;
  token: string | null;
  allowedOrigins: readonly string[];
}

/**
 * Who may use the daemon. It is reached by web browsers, which any page can point at any address, so it checks
 * the Host header (DNS rebinding), the Origin of what changes anything or opens the stream (cross-site requests,
 * cross-site WebSockets), and the token where one is set.
 */
export class Access {
  readonly #hosts: Set<string>;
  readonly #tokenDigest: Buffer | null;

  constructor(private readonly options: AccessOptions) {
    const allowed = options.allowedOrigins.map((origin) => new URL(origin).hostname);
    this.#hosts = new Set([
      'localhost',
      '127.0.0.1',
      '[::1]',
      bracketed(options.host.toLowerCase()),
      ...allowed,
    ]);
    this.#tokenDigest = options.token === null ? null : digest(options.token);
  }

  /** Throws FLIMD_E_ORIGIN unless the request was meant for this daemon, by a name that is its own. */
  checkHost(request: IncomingMessage): void {
    const host = hostOf(request);
    const local = request.socket.localAddress;
    if (host && (this.#hosts.has(host.hostname) || host.hostname === bracketed(plainIPv4(local ?? ''))))
      return;
    throw new FlimdError('FLIMD_E_ORIGIN', 'the request is addressed to a name that is not this daemon’s', {
      value: request.headers.host ?? null,
      expected: [...this.#hosts].join(', '),
      action: 'use one of these names, or add this one to server.allowedOrigins',
    });
  }

  /** Throws FLIMD_E_ORIGIN where a web page of another origin is behind the request; others send no Origin. */
  checkOrigin(request: IncomingMessage): void {
    const { origin } = request.headers;
    if (origin === undefined || this.options.allowedOrigins.includes(origin)) return;
    if (URL.canParse(origin) && new URL(origin).host === hostOf(request)?.host) return;
    throw new FlimdError('FLIMD_E_ORIGIN', 'the request comes from a web page of another origin', {
      value: origin,
      expected: 'the viewer of this daemon, or an origin in server.allowedOrigins',
      action: `add ${JSON.stringify(origin)} to server.allowedOrigins if you trust it`,
    });
  }

  /** Throws FLIMD_E_UNAUTHORIZED unless the token, if one is set, was sent as Bearer or in `queryToken`. */
  checkToken(request: IncomingMessage, queryToken: string | null = null): void {
    if (this.#tokenDigest === null) return;
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? queryToken;
    // Digests have one length, so the comparison takes one time whatever was sent.
    if (given !== null && timingSafeEqual(digest(given), this.#tokenDigest)) return;
    throw new FlimdError(
      'FLIMD_E_UNAUTHORIZED',
      given === null ? 'a token is needed' : 'the token is wrong',
      {
        expected: 'Authorization: Bearer TOKEN; for the stream also ?token=TOKEN',
        action: 'use the token the daemon was started with (FLIMD_TOKEN)',
      },
    );
  }
}

function hostOf(request: IncomingMessage): URL | null {
  const { host } = request.headers;
  // A Host header holds no path or user; URL would make something of those.
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** `::ffff:10.0.0.1`, an IPv4 connection to an IPv6 socket, as 10.0.0.1. */
function plainIPv4(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
