import { connect } from 'node:net';

// Loaded before a step (NODE_OPTIONS=--import): a connection of which nobody hears the errors, as a
// library may leave one behind.
connect(Number(process.env.STRAY_PORT), '127.0.0.1');

// And a promise that nobody waits for, which fails when the connection has.
process.once('uncaughtException', () => {
  void Promise.reject(new Error('nobody waits for this'));
});
