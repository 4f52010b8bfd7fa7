/** `all` tries every document, history and order that a property asks for, as CI does; without it, a quarter. */
const ALL = process.env.MILLRACE_ROUNDS === 'all';
const FEW = 10;

/** How often a property is tried here, of so many times that are worth it. */
export const rounds = (all: number): number => (ALL ? all : Math.max(Math.ceil(all / 4), Math.min(all, FEW)));
