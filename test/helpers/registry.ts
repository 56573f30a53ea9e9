import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Image } from '../../src/images/image.js';
import { type ChunkRecord, catalogText } from '../../src/payload/catalog.js';
import { chunksOf } from '../../src/payload/chunk.js';
import { packParcel } from '../../src/payload/parcel.js';
import { type Payload, parcelOf, payloadOf } from '../../src/payload/payload.js';
import { injectorBinary } from './injector-binary.js';
import { tool } from './tools.js';

/** Bytes of a chunk here: small, so that even small images come in several. */
const CHUNK_BYTES = 256 * 1024;

/** The real injector, serving images on this machine. */
export interface Registry {
  /** `ADDRESS:PORT`. */
  readonly host: string;
  /** The path that only the run knows. */
  readonly secret: string;
  readonly pid: number;
  /** Directory of verified contents, named by their SHA-256. */
  readonly store: string;
  /** Repository as a client names it behind the host: with the secret. */
  repository(image: Image): string;
  /** HOST/SECRET/REPOSITORY, with the image's tag or digest. */
  reference(image: Image, by?: 'tag' | 'digest'): string;
  /** What the injector has printed so far. */
  log(): string;
  /** Ends it by SIGTERM, removes what it wrote, and gives its exit status. */
  close(): Promise<number | null>;
}

/**
 * Serves images as a run does in a cluster: a catalog and chunks, made by the code that makes them
 * there, and the shipped binary. Fulfilled when every content is verified.
 *
 * @param address where it listens; on loopback it is reached by this machine alone
 * @throws Error with the injector's log when it ends before that.
 */
export async function serveImages(
  images: readonly Image[],
  address = '127.0.0.1',
): Promise<Registry> {
  const [binary, setpriv] = await Promise.all([injectorBinary(), tool('setpriv')]);
  const directory = await mkdtemp(join(tmpdir(), 'jackal-registry-'));
  const at = (name: string) => join(directory, name);
  const secret = randomBytes(16).toString('hex');
  const payload = payloadOf({ images });
  await writeParcel(payload, secret, directory);
  const serve = ['serve', '--catalog', at('catalog'), '--chunks', at('chunks')];
  serve.push('--store', at('store'), '--listen', `${address}:0`);
  const child = spawn(setpriv, ['--pdeathsig', 'KILL', binary, ...serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  const ended = new Promise<number | null>((fulfil) => child.once('close', fulfil));
  const close = async () => {
    child.kill('SIGTERM');
    const status = await ended;
    await rm(directory, { recursive: true, force: true });
    return status;
  };
  const host = await new Promise<string>((fulfil, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      log += data.toString();
      const listening = /^jackal listening address=(\S+)/m.exec(log)?.[1];
      if (listening !== undefined && /^jackal ready /m.test(log)) fulfil(listening);
    });
    ended.then(() => reject(new Error(`The injector ended:\n${log}`)));
    child.once('error', reject);
  }).catch(async (thrown) => {
    await rm(directory, { recursive: true, force: true });
    throw thrown;
  });
  const repository = (image: Image) => {
    const served = payload.served.find((one) => one.image === image);
    if (served === undefined) throw new Error(`${image.given} is not served here.`);
    return `${secret}/${served.repository}`;
  };
  return {
    host,
    secret,
    pid: child.pid as number,
    store: at('store'),
    repository,
    reference: (image, by = 'tag') =>
      `${host}/${repository(image)}${by === 'tag' ? `:${image.tag}` : `@${image.target.digest}`}`,
    log: () => log,
    close,
  };
}

async function writeParcel(payload: Payload, secret: string, directory: string): Promise<void> {
  const chunks: ChunkRecord[] = [];
  for await (const chunk of chunksOf(packParcel(payload.entries), () => CHUNK_BYTES)) {
    const path = `${chunk.index.toString().padStart(4, '0')}/chunk`;
    const file = join(directory, 'chunks', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, Buffer.concat(chunk.parts));
    chunks.push({ path, size: chunk.size, sha256: chunk.sha256 });
  }
  const parcel = { name: 'parcel', size: parcelOf(payload, 'configmap').bytes, chunks };
  await writeFile(join(directory, 'catalog'), catalogText(secret, payload.served, [parcel]));
}
