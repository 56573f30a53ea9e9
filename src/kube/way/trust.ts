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
