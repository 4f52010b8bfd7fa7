import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { InvalidInput } from '../../../shared/errors.ts';
import { createLoopbackServer, listenOnLoopback } from '../loopback.ts';
import { parseDatagram, type Segment } from './segment.ts';
import { openTraceStore } from './trace-store.ts';
import { buildTrace, durationMs, type TraceNode, walkTrace } from './trace-tree.ts';

export interface TraceCollector {
  /** For AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:<port>`, UDP for segments, TCP for sampling. */
  readonly address: string;
  /** Takes a segment that the local cloud itself has made, as the services do. */
  record(segment: Segment): void;
  /** The trees of one trace; empty for an unknown one. */
  readTrace(traceId: string): TraceNode[];
  /** The node that took longest of all that fit, with its trace's id. */
  slowest(fits: (node: TraceNode) => boolean): SlowestNode | undefined;
  /** Datagrams that were no segment; the first one's reason is `problem`. */
  malformed(): { count: number; problem: string | undefined };
  close(): Promise<void>;
}

export interface SlowestNode {
  readonly traceId: string;
  readonly node: TraceNode;
}

/** Segments come in bursts while this process is busy; each is a datagram of up to 64 KiB. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const PORT_TRIES = 20;

/** Starts what the X-Ray daemon is to the SDK, on loopback, and keeps the segments in a folder. */
export const startCollector = async (options: { readonly dir: string }): Promise<TraceCollector> => {
  const store = openTraceStore(options.dir);
  const { udp, tcp, port } = await bindBoth();
  let count = 0;
  let problem: string | undefined;
  udp.on('message', (bytes) => {
    try {
      store.append(parseDatagram(bytes.toString('utf8')));
    } catch (cause) {
      if (!(cause instanceof InvalidInput)) throw cause;
      count++;
      problem ??= cause.message;
    }
  });
  const readTrace = (traceId: string): TraceNode[] => buildTrace(store.read(traceId));
  return {
    address: `127.0.0.1:${port}`,
    record: store.append,
    readTrace,
    slowest: (fits) => findSlowest(store.list(), readTrace, fits),
    malformed: () => ({ count, problem }),
    close: async () => {
      udp.close();
      tcp.close();
      tcp.closeAllConnections();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
};

const findSlowest = (
  traceIds: readonly string[],
  readTrace: (traceId: string) => TraceNode[],
  fits: (node: TraceNode) => boolean,
): SlowestNode | undefined => {
  let slowest: SlowestNode | undefined;
  for (const traceId of traceIds) {
    for (const node of readTrace(traceId).flatMap(walkTrace)) {
      if (!fits(node)) continue;
      if (slowest === undefined || durationMs(node) > durationMs(slowest.node)) slowest = { traceId, node };
    }
  }
  return slowest;
};

/** The SDK has one address for both protocols, so a port is taken that is free in both. */
const bindBoth = async (): Promise<{ udp: Socket; tcp: Server; port: number }> => {
  for (let tries = 1; ; tries++) {
    const udp = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = samplingServer();
    try {
      await listenOnLoopback(tcp, port);
      return { udp, tcp, port };
    } catch (cause) {
      udp.close();
      if (tries === PORT_TRIES) throw cause;
    }
  }
};

/** Everything is sampled here (docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-api.html, sampling). */
const SAMPLING_RULE = {
  RuleName: 'Default',
  RuleARN: 'arn:aws:xray:local:000000000000:sampling-rule/Default',
  Priority: 10000,
  FixedRate: 1,
  ReservoirSize: 1000,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
  Version: 1,
  Attributes: {},
};

const ANSWERS: Readonly<Record<string, unknown>> = {
  '/GetSamplingRules': {
    SamplingRuleRecords: [{ SamplingRule: SAMPLING_RULE, CreatedAt: 0, ModifiedAt: 0 }],
  },
  '/SamplingTargets': { SamplingTargetDocuments: [], UnprocessedStatistics: [], LastRuleModification: 0 },
};

const samplingServer = (): Server =>
  createLoopbackServer((request, response) => {
    request.resume();
    const answer = request.method === 'POST' ? ANSWERS[request.url ?? ''] : undefined;
    response.writeHead(answer === undefined ? 501 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(answer ?? { message: `not part of the local X-Ray: ${request.method} ${request.url}` }),
    );
  });
