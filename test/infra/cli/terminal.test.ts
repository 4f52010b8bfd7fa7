import { describe, expect, it } from 'vitest';
import { openTerminal, toDuration, toPlural, toSize } from '../../../infra/cli/terminal.ts';
import { fakeIo } from './fake-io.ts';

describe('the terminal', () => {
  it('is plain and shows no progress where output is no terminal', () => {
    const io = fakeIo();
    const terminal = openTerminal(io, io.stderr);
    terminal.progress('working');
    terminal.line(terminal.style.good('done'));
    expect(io.err()).toBe('done\n');
  });

  it('replaces progress by the next line, in colour', () => {
    const io = fakeIo({ isTTY: true });
    const terminal = openTerminal(io, io.stderr);
    terminal.progress('working');
    terminal.line(terminal.style.good('done'));
    expect(io.err()).toBe('\u001b[2mworking\u001b[22m\r\u001b[2K\u001b[32mdone\u001b[39m\n');
  });

  it('shows how long what was begun takes, whatever it is called meanwhile, until it is over', () => {
    const io = fakeIo({ isTTY: true, env: { NO_COLOR: '1' } });
    const terminal = openTerminal(io, io.stderr);
    terminal.begin('working');
    for (let seconds = 0; seconds < 8; seconds += 0.25) io.now();
    io.tick();
    terminal.progress('still at it');
    terminal.line('done');
    io.tick();
    expect(io.err().split('\r\u001b[2K')).toEqual([
      'working  0 s',
      'working  8 s',
      'still at it  8 s',
      'done\n',
    ]);
  });

  it('renews nothing where output is no terminal', () => {
    const io = fakeIo();
    openTerminal(io, io.stderr).begin('working');
    io.tick();
    expect(io.err()).toBe('');
  });

  it('honours NO_COLOR', () => {
    const io = fakeIo({ isTTY: true, env: { NO_COLOR: '1' } });
    expect(openTerminal(io, io.stderr).style.bad('no')).toBe('no');
  });

  it('says durations, sizes and numbers as people do', () => {
    expect([850, 4_240, 125_000].map(toDuration)).toEqual(['850 ms', '4.2 s', '2 min 5 s']);
    expect([640, 1_572_864].map(toSize)).toEqual(['640 B', '1.5 MiB']);
    expect([toPlural(1, 'batch'), toPlural(2, 'batch'), toPlural(12_345, 'row')]).toEqual([
      '1 batch',
      '2 batches',
      '12,345 rows',
    ]);
  });
});
