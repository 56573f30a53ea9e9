import { mkdtemp, readFile } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { issue, makeAuthority } from '../../cluster/machine/certificates.js';

/** A status with its headers in a file's place, a connection that breaks off, or no answer. */
export type Trouble =
  | { readonly status: number; readonly headers?: OutgoingHttpHeaders }
  | 'reset'
  | 'silence';

/** A server on this machine that has what GitHub would have of a release, by HTTPS. */
export interface ReleaseSite {
  /** Such as `https://127.0.0.1:34567`. */
  readonly url: string;
  /** Another name of the same server. */
  readonly name: string;
  /** Path of the certificate that clients have to trust. */
  readonly authority: string;
  /** What it has, by path with query. */
  readonly files: Map<string, Buffer>;
  /** Where a path leads on to. */
  readonly redirects: Map<string, string>;
  /** What becomes of the next questions, one after another, before files are given again. */
  readonly troubles: Trouble[];
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Connections that were made to it. */
  connections(): number;
  close(): void;
}

/** Starts a site whose certificate lies in a directory of its own below the one that is given. */
export async function startReleaseSite(directory: string): Promise<ReleaseSite> {
  const own = await mkdtemp(join(directory, 'release-site-'));
  const name = hostname();
  await makeAuthority(own);
  await issue(own, [{ file: 'site', user: 'site', addresses: ['IP:127.0.0.1', `DNS:${name}`] }]);
  const [cert, key] = await Promise.all(
    ['crt', 'key'].map((ending) => readFile(join(own, `site.${ending}`))),
  );
  const files = new Map<string, Buffer>();
  const redirects = new Map<string, string>();
  const troubles: Trouble[] = [];
  const asked: string[] = [];
  const server = createServer({ cert, key }, ({ url = '', socket }, response) => {
    asked.push(url);
    const trouble = troubles.shift();
    if (trouble === 'silence') return;
    if (trouble === 'reset') return void socket.destroy();
    if (trouble !== undefined)
      return void response.writeHead(trouble.status, trouble.headers).end();
    const [location, file] = [redirects.get(url), files.get(url)];
    const status = location !== undefined ? 302 : file !== undefined ? 200 : 404;
    response.writeHead(status, location === undefined ? {} : { location }).end(file);
  });
  let connections = 0;
  server.on('connection', () => connections++);
  await new Promise<void>((listening) => server.listen(0, '0.0.0.0', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    name,
    authority: join(own, 'ca.crt'),
    files,
    redirects,
    troubles,
    asked,
    connections: () => connections,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
