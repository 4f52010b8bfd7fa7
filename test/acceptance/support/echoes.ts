import { answerXml, type Exchange, type Misbehaviour } from './catalogue.ts';

/** Ways in which a server sends back what it was asked with; `secret` is one writing of it, `header` the whole header. */
interface Echo {
  readonly header: string;
  /** The token, or the password, as it is. */
  readonly secret: string;
}

const echoOf = ({ request }: Exchange): Echo => {
  const header = request.headers.authorization ?? '';
  const value = header.slice(header.indexOf(' ') + 1);
  const [, password] = Buffer.from(value, 'base64').toString().split(':');
  return { header, secret: header.startsWith('Basic') ? (password ?? '') : value };
};

const answers =
  (status: number, type: string, page: (echo: Echo) => string): Misbehaviour =>
  (exchange) => {
    exchange.response.writeHead(status, { 'content-type': type }).end(page(echoOf(exchange)));
    return undefined;
  };

const redirects =
  (to: (echo: Echo, host: string) => string): Misbehaviour =>
  (exchange) => {
    const host = exchange.request.headers.host ?? '';
    exchange.response.writeHead(302, { location: to(echoOf(exchange), host) }).end();
    return undefined;
  };

const xml =
  (alter: (page: string, echo: Echo) => string): Misbehaviour =>
  (exchange) => {
    answerXml(exchange.response, alter(exchange.xml, echoOf(exchange)));
    return undefined;
  };

const toXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const toName = (text: string): string => text.replaceAll(/[^\w.-]/g, '');
const uri = encodeURIComponent;

/** Each by the shelf that does it. */
export const ECHOES: Readonly<Record<string, Misbehaviour>> = {
  forbidden_text: answers(403, 'text/plain', ({ header }) => `no: ${header}`),
  forbidden_html: answers(
    403,
    'text/html',
    ({ header, secret }) => `<pre>${toXml(header)}</pre><p>${toXml(secret)}</p>`,
  ),
  forbidden_json: answers(403, 'application/json', (echo) =>
    JSON.stringify({ echo, text: JSON.stringify(echo) }),
  ),
  forbidden_cut: answers(403, 'text/plain', ({ header, secret }) => `${'a'.repeat(290)}${secret}${header}`),
  forbidden_form: answers(401, 'text/plain', (echo) => new URLSearchParams({ ...echo }).toString()),
  failed_text: answers(500, 'text/plain', ({ header, secret }) => `${secret} ${uri(secret)} ${header}`),
  failed_base64: answers(500, 'text/plain', ({ secret }) => {
    const all = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${secret}z`));
    return all.map((bytes) => `${bytes.toString('base64')} ${bytes.toString('base64url')}`).join(' ');
  }),
  failed_mistake: answers(500, 'text/plain', ({ secret }) => `CRRED0106E: no ${secret} ${uri(secret)}`),
  busy: answers(503, 'text/html', ({ header }) => `<h1>${header}</h1>`),
  page_html: answers(200, 'text/html', ({ header, secret }) => `<p>${header} ${toXml(secret)}`),
  page_json: answers(200, 'application/json', (echo) => JSON.stringify(echo)),
  type_header: (exchange) => {
    const { header } = echoOf(exchange);
    exchange.response.writeHead(200, { 'content-type': `text/html; ${header}` }).end();
    return undefined;
  },
  login_header: (exchange) => {
    const { header } = echoOf(exchange);
    exchange.response.writeHead(200, { 'x-com-ibm-team-repository-web-auth-msg': header }).end();
    return undefined;
  },
  redirect_elsewhere: redirects(({ secret }) => `https://elsewhere.example/?t=${uri(secret)}`),
  redirect_host: redirects(({ secret }) => `https://${toName(secret)}.example/`),
  redirect_user: redirects(({ secret }, host) => `http://me:${uri(secret)}@${host}/redirect_user`),
  redirect_query: redirects(({ secret }, host) => `http://${host}/redirect_query?t=${uri(secret)}`),
  redirect_no_url: redirects(({ secret }) => `https://me:${uri(secret)}@[/x?${uri(secret)}`),
  next_elsewhere: xml((page, { secret }) =>
    page.replace('href="/', `href="https://elsewhere.example/${uri(secret)}/`),
  ),
  next_query: xml((page, { secret }) => page.replace(/href="([^"]*)"/, `href="$1&amp;t=${uri(secret)}"`)),
  next_user: xml((page, { secret }) =>
    page.replace('href="/', `href="http://me:${uri(secret)}@127.0.0.1:1/`),
  ),
  root_name: xml((page, { secret }) => page.replaceAll('lib:catalogue', `lib:${toName(secret)}`)),
  close_name: xml((page, { secret }) => page.replace('</lib:note>', `</lib:${toName(secret)}>`)),
  no_xml: xml((_, { secret, header }) => `${secret} ${header}`),
  no_xml_cut: xml((_, { secret }) => `${'a'.repeat(52)}${secret}`),
  entity: xml((page, { secret }) => page.replace('page 1', `&${toName(secret)};`)),
  reject: xml((page, { secret }) => page.replace(/lib:pages="\d+"/, `lib:pages="${toXml(secret)}"`)),
};
