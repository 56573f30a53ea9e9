import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.js';

/** A certificate to be issued: the file's name, who it stands for, and what it may serve as. */
export interface CertificateRequest {
  file: string;
  user: string;
  groups?: string[];
  /** Names and addresses of a server, in openssl's words (`DNS:…`, `IP:…`); without them a client. */
  addresses?: string[];
}

const DAYS = '3650';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes the cluster's authority, ca.crt and ca.key, and the key pair of ServiceAccount tokens. */
export async function makeAuthority(directory: string): Promise<void> {
  const files = ['-keyout', join(directory, 'ca.key'), '-out', join(directory, 'ca.crt')];
  await Promise.all([
    run('openssl', ['req', '-x509', ...NEW_KEY, ...files, '-days', DAYS, '-subj', '/CN=jackal-ca']),
    run('openssl', ['genrsa', '-out', join(directory, 'sa.key'), '2048']),
  ]);
}

/** Makes an authority in a directory of its own that another one has issued, which lies in the directory `above`. */
export async function makeAuthorityBelow(above: string, directory: string): Promise<void> {
  await certify(above, join(directory, 'ca'), {
    subject: '/CN=jackal-ca-below',
    extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
    serial: 1000,
  });
}

/** Issues certificates, each as NAME.crt and NAME.key, by the authority in the same directory. */
export async function issue(directory: string, requests: CertificateRequest[]): Promise<void> {
  await Promise.all(requests.map((request, index) => issueOne(directory, request, index + 2)));
}

async function issueOne(
  directory: string,
  { file, user, groups = [], addresses = [] }: CertificateRequest,
  serial: number,
): Promise<void> {
  const subject = [...groups.map((group) => `/O=${group}`), `/CN=${user}`].join('');
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'keyUsage=critical,digitalSignature',
    `extendedKeyUsage=${addresses.length > 0 ? 'serverAuth' : 'clientAuth'}`,
    ...(addresses.length > 0 ? [`subjectAltName=${addresses.join(',')}`] : []),
  ];
  await certify(directory, join(directory, file), { subject, extensions, serial });
}

/** What a certificate says, in openssl's words. */
interface Certified {
  readonly subject: string;
  readonly extensions: readonly string[];
  readonly serial: number;
}

/** Makes a key and has the authority in a directory certify it: BASE.key and BASE.crt. */
async function certify(
  authority: string,
  base: string,
  { subject, extensions, serial }: Certified,
): Promise<void> {
  const out = ['-keyout', `${base}.key`, '-out', `${base}.csr`];
  await run('openssl', ['req', '-new', ...NEW_KEY, ...out, '-subj', subject]);
  await writeFile(`${base}.ext`, extensions.join('\n'));
  const by = ['-CA', join(authority, 'ca.crt'), '-CAkey', join(authority, 'ca.key')];
  const rest = ['-set_serial', `${serial}`, '-days', DAYS, '-extfile', `${base}.ext`];
  const files = ['-in', `${base}.csr`, '-out', `${base}.crt`];
  await run('openssl', ['x509', '-req', ...files, ...by, ...rest]);
}

/** Writes a kubeconfig with everything in it, so that it can be copied anywhere on this machine. */
export async function writeKubeconfig(
  path: string,
  directory: string,
  file: string,
  server: string,
  name: string,
): Promise<void> {
  const [authority, certificate, key] = await Promise.all(
    ['ca.crt', `${file}.crt`, `${file}.key`].map((from) =>
      readFile(join(directory, from), 'base64'),
    ),
  );
  const text = `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${server}
    certificate-authority-data: ${authority}
users:
- name: ${name}
  user:
    client-certificate-data: ${certificate}
    client-key-data: ${key}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
current-context: ${name}
`;
  await writeFile(path, text, { mode: 0o600 });
}
