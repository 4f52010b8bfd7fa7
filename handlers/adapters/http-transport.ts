import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { SecretMissing, UntrustedHost } from '../../shared/errors.ts';
import { bareHost, type Network, refuseAddress } from '../../shared/source/addresses.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Route } from '../ports/source.ts';

/** The connections to servers of one network and one set of authorities: none is shared with another. */
export interface Transport {
  /** The agent of a URL's scheme. Throws UntrustedHost for an address that no source may be reached at. */
  agentFor(url: URL): HttpAgent;
}

/** Transports, kept with their connections for as long as the process lives. */
export interface Transports {
  /** Throws SecretMissing where the authorities' secret has none. */
  open(route: Pick<Route, 'network' | 'caSecret'>, secrets: Secrets): Promise<Transport>;
}

export type Resolve = (
  host: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const newTransports = (resolve: Resolve = lookup): Transports => {
  const kept = new Map<string, Transport>();
  return {
    open: async ({ network, caSecret }, secrets) => {
      const ca = caSecret === undefined ? undefined : await readAuthorities(caSecret, secrets);
      const key = JSON.stringify([network, ca]);
      const transport = kept.get(key) ?? newTransport(network, ca, resolve);
      kept.set(key, transport);
      return transport;
    },
  };
};

const newTransport = (network: Network, ca: string | undefined, resolve: Resolve): Transport => {
  const options = { keepAlive: true, lookup: checkedLookup(network, resolve) };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(
    ca === undefined
      ? options
      : { ...options, secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) },
  );
  return {
    agentFor: ({ protocol, hostname }) => {
      const host = bareHost(hostname);
      // An address is not looked up.
      if (isIP(host) !== 0) refuseWrong(host, host, network);
      return protocol === 'https:' ? https : http;
    },
  };
};

/** Looks a name up and connects to what was found then, so that an answer that changes in between changes nothing. */
const checkedLookup =
  (network: Network, resolve: Resolve): LookupFunction =>
  (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '');
      try {
        for (const { address } of addresses) refuseWrong(address, host, network);
      } catch (refused) {
        return done(refused instanceof Error ? refused : new Error(String(refused)), '');
      }
      const [first] = addresses;
      if (options.all === true) done(null, addresses);
      else done(null, first?.address ?? '', first?.family);
    });
  };

const refuseWrong = (address: string, host: string, network: Network): void => {
  const why = refuseAddress(address, network, host);
  if (why !== undefined) throw new UntrustedHost(`${host} may not be reached: ${why}`);
};

const readAuthorities = async (id: string, secrets: Secrets): Promise<string> => {
  const { ca } = await secrets.read(id);
  if (ca?.includes('-----BEGIN CERTIFICATE-----') === true) return ca;
  throw new SecretMissing(
    `secret ${JSON.stringify(id)} has ${ca === undefined ? 'no field ca' : 'a field ca without a certificate'}, allowed a certificate in PEM, which tls.caSecret reads`,
  );
};
