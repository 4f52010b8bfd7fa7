import type { RecordStore } from '../../handlers/ports/record-store.ts';

/** A RecordStore in memory; `entries` is its content, for tests to look at and to break. */
export const memoryRecordStore = (
  entries = new Map<string, string>(),
): RecordStore & { entries: Map<string, string> } => ({
  entries,
  read: async (key) => entries.get(key),
  putIfAbsent: async (key, text) => {
    const existing = entries.get(key);
    if (existing === undefined) entries.set(key, text);
    return existing;
  },
  remove: async (key) => {
    entries.delete(key);
  },
  list: async (prefix, delimiter) => {
    const keys: string[] = [];
    const folders = new Set<string>();
    for (const key of [...entries.keys()].filter((k) => k.startsWith(prefix)).sort()) {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
      if (end === -1) keys.push(key);
      else folders.add(key.slice(0, end + 1));
    }
    return { keys, folders: [...folders] };
  },
});
