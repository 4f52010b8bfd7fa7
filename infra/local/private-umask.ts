/** Imported first by a process that writes into the data folder: nothing that it makes can be read by anybody else. */
process.umask(0o077);
