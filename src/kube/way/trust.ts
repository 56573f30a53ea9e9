import tls from 'node:tls';

/** The certificates and names that a connection to a server is made with. */
export interface TlsFacts {
  /** The authorities to trust; those of the machine when missing. */
  readonly ca?: Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** What every TLS connection begins with: left out, NODE_TLS_REJECT_UNAUTHORIZED would decide, which kubectl does not heed. */
export const VERIFIED = { rejectUnauthorized: true };

let machine: readonly string[] | undefined;

/**
 * The authorities that Node trusts by itself, with those of NODE_EXTRA_CA_CERTS, and those of the machine, which
 * SSL_CERT_FILE and SSL_CERT_DIR name, as kubectl has them. Read once, when first asked for: that takes 65 ms of processor time.
 */
function machineAuthorities(): readonly string[] {
  machine ??= [
    ...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')]),
  ];
  return machine;
}

/** OpenSSL's verdicts on a certificate (X509_V_ERR_…, as Node names them), and Node's own on its names. */
const VERDICTS =
  /^(?:CERT_|UNABLE_TO_|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)|SELF_SIGNED_CERT/;

/**
 * Why the other side's certificate is not trusted, without Node's advice on its own options; undefined for any other
 * error, such as the other side's alert about ours.
 */
export function distrustIn(error: unknown): string | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return VERDICTS.test(code) ? message.replace(/; if the root CA .*/, '') : undefined;
}

/** The same as words on a certificate that the machine's authorities should vouch for, behind "'s". */
export function unvouchedIn(error: unknown): string | undefined {
  const distrust = distrustIn(error);
  return (
    distrust &&
    `certificate is not trusted: ${distrust}; NODE_EXTRA_CA_CERTS may name its authority`
  );
}

/**
 * What connections with these certificates have in common; making it for the machine's authorities takes 30 ms of
 * processor time, so each is to be kept. As in Go, whatever is trusted is an anchor, also an authority that another has
 * issued. Throws Node's error for what is no certificate or key.
 */
export function secureContextOf({ ca, cert, key, rejectUnauthorized }: TlsFacts) {
  const authorities = ca ?? (rejectUnauthorized === false ? undefined : [...machineAuthorities()]);
  return tls.createSecureContext({
    ...(authorities && { ca: authorities }),
    ...(cert && { cert }),
    ...(key && { key }),
    allowPartialTrustChain: true,
  });
}
