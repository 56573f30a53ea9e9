import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../src/images/bytes/content.js';
import { type Asked, announcedImage } from '../../../../src/images/daemon/asked.js';
import { connectDaemon, type Inspected } from '../../../../src/images/daemon/daemon.js';
import { streamPlanOf } from '../../../../src/payload/payload.js';
import { INDEX } from '../fixtures.js';

const ID = `sha256:${'abcd'.repeat(16)}`;

function askedFor(about: Inspected, location = 'web:1'): Asked {
  return { line: { given: location, transport: 'docker-daemon', location }, about };
}

describe('an image of several platforms in containerd’s store', () => {
  let server: Server;
  let answer: object;
  const paths: string[] = [];
  beforeEach(async () => {
    paths.length = 0;
    server = createServer(({ url }, response) => {
      paths.push(url ?? '');
      response.end(JSON.stringify(answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
  });

  /** What an engine of API 1.48 and later lists of an index. */
  const manifest = (architecture: string, total: number, more: object = {}) => ({
    ...{ ID: digestOf(Buffer.from(architecture)), Available: true, Kind: 'image' },
    Size: { Content: Math.round(total / 3), Total: total },
    ImageData: { Platform: { os: 'linux', architecture } },
    ...more,
  });
  const index = { digest: ID, mediaType: INDEX, size: 500 };
  /** As it answers of the one that the engine would run. */
  const ofOne = {
    ...{ Id: ID, RepoTags: ['web:1'], Size: 100, Os: 'linux', Architecture: 'amd64' },
    Descriptor: index,
  };
  const announced = async () => {
    const { port } = server.address() as AddressInfo;
    const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
    const daemon = connectDaemon(environment, new AbortController().signal);
    return announcedImage(askedFor(await daemon.inspect('web:1')));
  };

  test('is planned with each that travels, as large as the daemon has it', async () => {
    answer = {
      ...ofOne,
      Manifests: [
        manifest('amd64', 300),
        manifest('arm64', 2000),
        manifest('s390x', 70_000, { Available: false }),
        manifest('riscv64', 70_000),
        { ...manifest('amd64', 900_000), Kind: 'attestation', ImageData: null },
      ],
    };
    const plan = streamPlanOf([await announced()], ['linux/amd64', 'linux/arm64', 'linux/s390x']);
    expect(plan.images[0]?.platforms).toEqual(['linux/amd64', 'linux/arm64']);
    expect(plan.storeBytes).toBe(2300);
    expect(paths).toEqual(['/images/web%3A1/json?manifests=true']);
  });

  test('is planned with those of the cluster where the daemon does not say which it has', async () => {
    answer = ofOne;
    const plan = streamPlanOf([await announced()], ['linux/amd64', 'linux/arm64']);
    expect(plan.images[0]?.platforms).toEqual(['linux/amd64', 'linux/arm64']);
    // What it says may be the packed bytes of one of them.
    expect(plan.storeBytes).toBe(400);
  });
});
