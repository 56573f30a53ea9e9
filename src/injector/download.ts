import { type Call, inTime, openStream } from '../kube/exchange.js';
import { agentFor } from '../kube/way/agent.js';
import { proxyFor } from '../kube/way/proxy.js';
import { unvouchedIn } from '../kube/way/trust.js';
import { readBounded } from '../lib/bounded.js';
import { DOWNLOAD_REDIRECTS_MAX, DOWNLOAD_SECONDS } from '../lib/limits/runner.js';

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The bytes of a file on the web, by HTTPS alone and through the environment's proxy. Rejects with
 * Node's error, or one that says what is wrong with the answer, or the signal's reason.
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
  return await inTime(whole, async (within) => {
    let url = new URL(address);
    for (let redirects = 0; redirects <= DOWNLOAD_REDIRECTS_MAX; redirects++) {
      const answer = await ask(url, maxBytes, within);
      if (Buffer.isBuffer(answer)) return answer;
      url = answer;
    }
    throw new Error(`${address} leads from one address to another without end`);
  });
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
    if (status !== 200) throw new Error(`${url.host} answered with status ${status}`);
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
