/** Names that nobody may register: RFC 2606, sections 2 and 3. `localhost` is this machine. */
const RESERVED = /(?:^|\.)(?:test|example|invalid|example\.(?:com|net|org))\.?$/i;

/** Whether a host's name stands for one that is still to be written, as jazz.example.com does. */
export const isPlaceholderHost = (hostname: string): boolean => RESERVED.test(hostname);
