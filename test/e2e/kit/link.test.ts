import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Link, type LinkShape, openLink } from '../../helpers/link/link.js';
import { type Site, site, whyNoSite } from '../../helpers/site.js';

const execute = promisify(execFile);
const onSite = whyNoSite() === undefined ? test : test.skip;

let here: Site;
let link: Link | undefined;

beforeAll(async () => {
  if (whyNoSite() === undefined) here = await site();
});

afterAll(() => link?.close());

async function through(shape: LinkShape, body: (within: readonly string[]) => Promise<void>) {
  link = await openLink(here.cluster, shape);
  try {
    await body(link.within);
  } finally {
    await link.close();
  }
}

/** Runs a program of Node's behind the link and returns what it prints. */
async function behind(within: readonly string[], program: string): Promise<string> {
  const [enter = '', ...rest] = within;
  return (await execute(enter, [...rest, process.execPath, '-e', program])).stdout.trim();
}

const FAST = 1e9;

onSite('a link is as long and as narrow as it is asked to be', async () => {
  const bytes = 2_500_000;
  let received = 0;
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      received += data.length;
    });
  });
  const { gateway } = here.cluster.network;
  await new Promise<void>((listening) => server.listen(0, gateway, listening));
  const { port } = server.address() as { port: number };
  try {
    await through({ bitsPerSecond: 100e6, roundTrip: 40, loss: 0 }, async (within) => {
      const program = `
        const started = performance.now();
        const socket = require('net').connect(${port}, '${gateway}', () => {
          console.log(performance.now() - started);
          socket.end(Buffer.alloc(${bytes}));
        }).on('close', () => console.log(performance.now() - started)).resume();`;
      const [connected = 0, ended = 0] = (await behind(within, program)).split('\n').map(Number);
      expect(connected).toBeGreaterThanOrEqual(40);
      expect(ended).toBeGreaterThanOrEqual((bytes * 8) / 100e3);
      expect(received).toBe(bytes);
    });
  } finally {
    server.close();
  }
});

onSite('a link loses its share of packets', async () => {
  let received = 0;
  const server = createSocket('udp4').on('message', (word, { port, address }) => {
    if (String(word) === 'x') received += 1;
    else server.send(word, port, address);
  });
  const { gateway } = here.cluster.network;
  await new Promise<void>((bound) => server.bind(0, gateway, bound));
  const { port } = server.address();
  // Neighbours find each other by packets that get lost, too, and what is under way takes its time:
  // so the other side has to have answered before the first one that counts and after the last.
  const program = `
    const socket = require('dgram').createSocket('udp4');
    const send = (word) => new Promise((sent) => socket.send(word, ${port}, '${gateway}', sent));
    const untilHeard = async (word) => {
      const again = setInterval(send, 20, word);
      await new Promise((heard) => socket.on('message', (said) => String(said) === word && heard()));
      clearInterval(again);
    };
    (async () => {
      await untilHeard('begin');
      for (let i = 0; i < 200; i++) await send('x');
      await untilHeard('end');
      socket.close();
    })();`;
  try {
    await through({ bitsPerSecond: FAST, roundTrip: 0, loss: 0.5 }, async (within) => {
      await behind(within, program);
    });
    // Ten standard deviations on each side. So few fit a socket's buffer, whoever is late.
    expect(received).toBeGreaterThan(30);
    expect(received).toBeLessThan(170);
  } finally {
    server.close();
  }
});

onSite('a link reaches the cluster and nothing else, and is gone when it is closed', async () => {
  const answer = (url: string) => `fetch('${url}').then(() => console.log('there'), (error) =>
    console.log(error.cause.code))`;
  let device = '';
  await through({ bitsPerSecond: FAST, roundTrip: 0, loss: 0 }, async (within) => {
    device = link?.device ?? '';
    expect((await execute('ip', ['-o', 'link', 'show', device])).stdout).toContain('master');
    const { server } = here.cluster;
    // Its certificate is of an authority that only the kubeconfig names.
    expect(await behind(within, answer(server))).toMatch(/SELF_SIGNED|UNABLE_TO/);
    expect(await behind(within, answer('http://192.0.2.1'))).toBe('ENETUNREACH');
  });
  await expect(execute('ip', ['-o', 'link', 'show', device])).rejects.toThrow(/does not exist/);
});

onSite('whoever joins a cluster’s bridge does not change its address', async () => {
  const { bridge } = here.cluster.network;
  const address = () => readFile(`/sys/class/net/${bridge}/address`, 'utf8');
  const before = await address();
  const guest = `${bridge}-guest`;
  // The least address that there is: a bridge without one of its own takes it.
  const least = ['address', '02:00:00:00:00:00'];
  await execute('ip', ['link', 'add', guest, ...least, 'type', 'veth']);
  try {
    await execute('ip', ['link', 'set', guest, 'master', bridge, 'up']);
    expect(await address()).toBe(before);
  } finally {
    await execute('ip', ['link', 'delete', guest]);
  }
});
