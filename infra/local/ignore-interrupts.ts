/**
 * Preloaded by the cloud's child processes: a terminal sends Ctrl-C to all of a process group, and it is the parent that ends its
 * children, in order. They stay in its group, so that whoever kills the group leaves none behind.
 */
process.on('SIGINT', () => {});
