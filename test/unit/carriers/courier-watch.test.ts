import { addAbortSignal, Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { DELETED, WatchedCouriers } from '../../../src/carriers/couriers/watched.js';
import type { ApiClient } from '../../../src/kube/client.js';

test('a courier whose Pod came and went before anybody looked is known to be deleted', async () => {
  const over = new AbortController();
  const object = { metadata: { name: 'courier', resourceVersion: '2' } };
  const lines = ['ADDED', 'DELETED'].map((type) => `${JSON.stringify({ type, object })}\n`);
  const isHeard = Promise.withResolvers<void>();
  const answers = [Readable.from([lines.join('')])];
  const stream = async () => {
    const answer = answers.shift();
    // A watch is opened again when all that came is heard.
    if (answer === undefined) isHeard.resolve();
    return answer ?? addAbortSignal(over.signal, new Readable({ read: () => undefined }));
  };
  const list = async () => ({ items: [], resourceVersion: '1' });
  const client = { list, stream } as unknown as ApiClient;
  const watched = new WatchedCouriers({ takeSeconds: 0, startSeconds: 0, lookSeconds: 0 });
  const watching = watched.watch(client, { id: 'run', namespace: 'default' }, over.signal);
  watching.catch(() => undefined);
  const lookAt = async () => ({ kind: 'lost', words: 'it had to be looked at' }) as const;
  const sent = { name: 'courier', node: 'one' };
  try {
    await isHeard.promise;
    expect(await watched.end(sent, lookAt, over.signal)).toEqual(DELETED);
  } finally {
    over.abort();
    await Promise.allSettled([watching]);
  }
});
