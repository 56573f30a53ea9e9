import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { ActionError } from '../../src/lib/errors.js';

/** What is asked of the API server to see how a cluster is. */
export interface Api {
  /** The answer's text. @throws ActionError unless the status is 200. */
  text(path: string): Promise<string>;
  /** The answer as JSON. */
  json<T>(path: string): Promise<T>;
  close(): void;
}

/** Milliseconds for one answer, as long as it is asked for again. */
const TIMEOUT = 5000;

/** Connects as the cluster's administrator, whose certificate lies in `certificates`; `timeout` is for one answer. */
export async function connect(
  server: string,
  certificates: string,
  timeout = TIMEOUT,
): Promise<Api> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(join(certificates, file))),
  );
  const agent = new Agent({ keepAlive: true, ca, cert, key });
  const text = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const asked = request(new URL(path, server), { agent, timeout }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const body = Buffer.concat(chunks).toString();
          if (answer.statusCode === 200) resolve(body);
          else reject(new ActionError(`${path} was answered ${answer.statusCode}: ${body}`));
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${path}`)));
      asked.on('error', reject);
      asked.end();
    });
  return {
    text,
    json: async <T>(path: string) => JSON.parse(await text(path)) as T,
    close: () => agent.destroy(),
  };
}

/** Status of a plain GET, for health checks. */
export function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { timeout: TIMEOUT, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer from ${url}`)));
    asked.on('error', reject);
  });
}
