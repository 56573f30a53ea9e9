import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../../unit/images/tars.js';

/** A private registry of crates on loopback, as companies put one in the place of crates.io. */
export interface CrateRegistry {
  /** What cargo's configuration names. */
  readonly index: string;
  /** SHA-256 of the crate, as a lock file has it. */
  readonly checksum: string;
  /** Paths that were asked for with the token. */
  readonly served: string[];
  close(): void;
}

/**
 * Starts a sparse registry (The Cargo Book, "Registry Index") that has one crate and gives nothing to
 * those who lack the token.
 *
 * @param name of three letters, which decide where its index entry lies
 */
export async function startCrateRegistry(
  token: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<CrateRegistry> {
  const entries = Object.entries(files).map(([path, content]) => ({
    path: `${name}-1.0.0/${path}`,
    bytes: Buffer.from(content),
  }));
  const crate = gzipSync(tarOf(entries));
  const checksum = createHash('sha256').update(crate).digest('hex');
  const served: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const answers: Readonly<Record<string, string | Buffer>> = {
      '/config.json': JSON.stringify({
        dl: `http://${request.headers.host}/crates`,
        'auth-required': true,
      }),
      [`/3/${name.slice(0, 1)}/${name}`]: JSON.stringify({
        name,
        vers: '1.0.0',
        deps: [],
        features: {},
        cksum: checksum,
        yanked: false,
      }),
      [`/crates/${name}/1.0.0/download`]: crate,
    };
    if (request.headers.authorization !== token) {
      response.writeHead(401).end();
      return;
    }
    served.push(path);
    response.writeHead(answers[path] === undefined ? 404 : 200).end(answers[path]);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    index: `sparse+http://127.0.0.1:${port}/`,
    checksum,
    served,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
