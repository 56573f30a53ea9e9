import { type Call, inTime, openStream } from '../kube/exchange.js';
import { type Ending, retryDelay } from '../kube/retry.js';
import { agentFor } from '../kube/way/agent.js';
import { proxyFor } from '../kube/way/proxy.js';
import { unvouchedIn } from '../kube/way/trust.js';
import { readBounded } from '../lib/bounded.js';
import { DOWNLOAD_REDIRECTS_MAX, DOWNLOAD_SECONDS } from '../lib/limits/runner.js';
import { rest } from '../lib/waiting.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The bytes of a file on the web, by HTTPS alone and through the environment's proxy. What may pass, such as a broken
 * connection, 429 and 5xx, is tried again with growing pauses, or when the site says. Rejects with Node's error, or
 * one that says what is wrong with the last answer, or the signal's reason.
 *
 * @param maxBytes bytes of which one more ends the download
 * @param seconds for all of it
 */
export async function download(
  address: string,
  maxBytes: number,
  signal: AbortSignal,
  seconds: number = DOWNLOAD_SECONDS,
): Promise<Buffer> {
  const whole = { ...callFor(new URL(address), signal), deadlineSeconds: seconds };
  const started = performance.now();
  let contacted = false;
  let failure: unknown;
  try {
    return await inTime(whole, async (within) => {
      for (let attempts = 1; ; attempts++) {
        try {
          return await follow(address, maxBytes, within);
        } catch (error) {
          within.throwIfAborted();
          failure = error;
          const ending = error as Ending;
          contacted ||= ending.status !== undefined;
          const elapsed = performance.now() - started;
          const state = { attempts, elapsed, patience: seconds * 1000, contacted };
          const delay = retryDelay(ending, state);
          if (delay === undefined) throw error;
          await rest(delay, within);
        }
      }
    });
  } catch (error) {
    signal.throwIfAborted();
    // How the site refused says more than that the time is over.
    throw failure ?? error;
  }
}

async function follow(address: string, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= DOWNLOAD_REDIRECTS_MAX; redirects++) {
    const answer = await ask(url, maxBytes, signal);
    if (Buffer.isBuffer(answer)) return answer;
    url = answer;
  }
  throw new Error(`${address} leads from one address to another without end`);
}

/** The body of the answer, or the address that it leads to. */
async function ask(url: URL, maxBytes: number, signal: AbortSignal): Promise<Buffer | URL> {
  if (url.protocol !== 'https:') throw new Error(`${url.origin} is no address of HTTPS`);
  const agent = agentFor(url, {}, proxyFor(url, undefined, process.env));
  try {
    const access = { server: new URL(url.origin), agent, headers: {} };
    const { status, headers, response } = await openStream(access, callFor(url, signal));
    if (REDIRECTS.includes(status) && headers.location !== undefined) {
      return new URL(headers.location, url);
    }
    if (status !== 200) {
      const error = new Error(`${url.host} answered with status ${status}`);
      throw Object.assign(error, { status, retryAfter: headers['retry-after'] });
    }
    const tooMany = () => new Error(`${url.host} sent more than ${maxBytes} bytes`);
    return await readBounded(response, maxBytes, tooMany);
  } catch (cause) {
    const distrust = unvouchedIn(cause);
    throw distrust === undefined ? cause : new Error(`${url.host}'s ${distrust}`, { cause });
  } finally {
    agent.destroy();
  }
}

function callFor({ pathname, search }: URL, signal: AbortSignal): Call {
  const headers = { accept: 'application/octet-stream', 'user-agent': 'jackal-inject' };
  const path = pathname + search;
  return { method: 'GET', path, headers, deadlineSeconds: DOWNLOAD_SECONDS, signal };
}
