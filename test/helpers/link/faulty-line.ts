import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What goes wrong on a line, all of it by counts of bytes and connections: nothing by chance. */
export interface LineFaults {
  /** Where it listens; any free port without it. */
  readonly port?: number;
  /** Each connection is reset when it has carried so many bytes towards the server. */
  readonly resetBytes?: number;
  /** All connections stand still for `stallMilliseconds` whenever so many bytes have gone through them together. */
  readonly stallBytes?: number;
  readonly stallMilliseconds?: number;
  /** All connections stand still from so many bytes on, these included, until they are released. */
  readonly holdBytes?: number;
  /** Each so-manieth connection is refused: closed before anything is said. */
  readonly refuseOneIn?: number;
}

/** A TCP proxy on loopback before some server. */
export interface FaultyLine {
  readonly port: number;
  readonly counts: { connections: number; refused: number; resets: number; stalls: number };
  /** Bytes that went to the server. */
  readonly carried: () => number;
  /** Connections that have come and not gone. */
  readonly open: () => number;
  /** Fulfilled when the connections stand still for `holdBytes`. */
  readonly held: Promise<void>;
  /** Lets all connections go on for good. */
  release(): void;
  /** Resets all connections; refuses new ones until it is mended. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Starts one. */
export async function startFaultyLine(
  target: { readonly host: string; readonly port: number },
  faults: LineFaults = {},
): Promise<FaultyLine> {
  const counts = { connections: 0, refused: 0, resets: 0, stalls: 0 };
  const sockets = new Set<Socket>();
  let carried = 0;
  let isCut = false;
  let stalled: Promise<void> | undefined;
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const stallIfDue = (bytes: number) => {
    const { stallBytes = Number.POSITIVE_INFINITY, stallMilliseconds = 0 } = faults;
    const isDue = Math.floor(carried / stallBytes) < Math.floor((carried + bytes) / stallBytes);
    carried += bytes;
    if (!isDue) return;
    counts.stalls++;
    stalled = new Promise((over) => setTimeout(over, stallMilliseconds).unref());
  };
  const carry = async (client: Socket, server: Socket) => {
    let own = 0;
    for await (const piece of client as AsyncIterable<Buffer>) {
      await stalled;
      stallIfDue(piece.length);
      if (carried >= (faults.holdBytes ?? Number.POSITIVE_INFINITY)) {
        held.resolve();
        await released.promise;
      }
      own += piece.length;
      if (!server.write(piece))
        await new Promise((on) => server.once('drain', on).once('close', on));
      if (own >= (faults.resetBytes ?? Number.POSITIVE_INFINITY)) {
        counts.resets++;
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    }
    server.end();
  };
  const listener = createServer((client) => {
    keep(client);
    counts.connections++;
    const { refuseOneIn = Number.POSITIVE_INFINITY } = faults;
    if (isCut || counts.connections % refuseOneIn === 0) {
      counts.refused++;
      client.resetAndDestroy();
      return;
    }
    const server = connect(target.port, target.host);
    keep(server);
    server.pipe(client);
    client.on('close', () => server.destroy());
    carry(client, server).catch(() => server.destroy());
  });
  await new Promise<void>((listening) => listener.listen(faults.port ?? 0, '127.0.0.1', listening));
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    counts,
    carried: () => carried,
    open: () => sockets.size,
    held: held.promise,
    release: released.resolve,
    cut() {
      isCut = true;
      cut();
    },
    mend() {
      isCut = false;
    },
    close() {
      cut();
      return new Promise((closed) => listener.close(() => closed()));
    },
  };
}
