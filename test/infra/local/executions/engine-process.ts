import { loadDefinition } from '../../../../infra/local/asl/load-machine.ts';
import { realClock } from '../../../../infra/local/clock.ts';
import { createChance } from '../../../../infra/local/executions/chance.ts';
import { createEngine } from '../../../../infra/local/executions/engine.ts';
import { openJournal } from '../../../../infra/local/executions/journal.ts';
import { lambda, machineText } from '../asl/run.ts';

/**
 * An engine in a process of its own, to be killed: journals three deliveries and runs a machine whose task never ends,
 * then prints a line for each task begun.
 */
const journal = openJournal(process.argv[2] ?? '');
const definition = await loadDefinition('M', machineText({ T: lambda('f') }));
const machines = new Map([['M', { name: 'M', arn: 'arn:M', roleArn: 'r', definition }]]);
const engine = createEngine({
  machines: () => machines,
  journal,
  clock: realClock,
  chance: createChance(),
  timeScale: 1,
  withheld: { ms: () => 0 },
  traces: { execution: () => {}, state: () => {}, invocation: () => {} },
  faults: () => ({}),
  onStruck: () => {},
  onProgress: () => {},
  runTask: (request) => {
    console.log(request.execution.Execution.Name);
    return new Promise(() => setInterval(() => {}, 1000));
  },
});
journal.takeEvent(
  'event-1',
  ['a', 'b', 'c'].map((name) => ({
    id: name,
    machine: 'M',
    name,
    trigger: 't',
    input: JSON.stringify({ name }),
  })),
);
engine.wake();
