import { describe, expect, it } from 'vitest';
import { DocumentMismatch } from '../../../shared/errors.ts';
import { readSigns } from '../../../shared/xml/read-signs.ts';
import { column, contractOf, parse, table } from './documents.ts';

const NAMESPACES = { s: 'http://schemas.xmlsoap.org/soap/envelope/' };
const CONTRACT = contractOf([table('w', '/*:Envelope/*:Body/r/item', [column('id')])], {
  namespaces: NAMESPACES,
});
const SIGNS = {
  fault: '/s:Envelope/s:Body/s:Fault',
  code: "/s:Envelope/s:Body/s:Fault[faultcode='s:Server']/faultstring",
  other: '/error/@code',
};
const soap = (inner: string) =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${inner}</e:Body></e:Envelope>`;

describe('signs in a document', () => {
  const read = async (xml: string, chunk = 3) =>
    (await parse(xml, CONTRACT, { signs: SIGNS, wanted: { next: '/s:Envelope/@next' }, chunk })).summary;

  it('are found beside rows, an element with children by its whole text, wherever the bytes are cut', async () => {
    const fault =
      '<e:Fault><faultcode>s:Server</faultcode><faultstring>no &lt;room&gt;</faultstring></e:Fault>';
    for (const chunk of [1, 2, 7, 4096])
      expect(await read(soap(`<r><item><id>1</id></item></r>${fault}`), chunk)).toMatchObject({
        records: 1,
        signs: { fault: 's:Serverno <room>', code: 'no <room>' },
        wanted: {},
      });
  });

  it('do not match where a predicate fails, and not in another namespace', async () => {
    const fault = '<e:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></e:Fault>';
    expect((await read(soap(fault))).signs).toEqual({ fault: 's:Clientno' });
    expect((await read('<Envelope><Body><Fault/></Body></Envelope>')).signs).toEqual({});
  });

  it('may have a root of their own, which is wrong for a document without one', async () => {
    expect(await read('<error code="7"><x/></error>')).toMatchObject({ records: 0, signs: { other: '7' } });
    await expect(read('<error text="7"><x/></error>')).rejects.toThrow(
      expect.objectContaining({
        constructor: DocumentMismatch,
        message: expect.stringContaining('root is <error>, expected <*:Envelope>'),
      }),
    );
    await expect(read('<errors code="7"/>')).rejects.toThrow('root is <errors>, expected <*:Envelope>');
  });
});

describe('signs in the beginning of an answer', () => {
  const read = (text: string | Uint8Array, charset?: string) =>
    readSigns(SIGNS, { bytes: Buffer.from(text), charset, namespaces: NAMESPACES });

  it('are those that stand in what came of it', () => {
    const whole = soap('<e:Fault><faultcode>s:Server</faultcode><faultstring>é</faultstring></e:Fault>');
    expect(read(whole)).toEqual({ fault: 's:Serveré', code: 'é' });
    expect(read(whole.slice(0, whole.indexOf('</e:Body')))).toEqual({ fault: 's:Serveré', code: 'é' });
    expect(read(whole.slice(0, whole.indexOf('</faultstring')))).toEqual({});
    expect(read(`${whole.slice(0, whole.indexOf('</e:Body'))}<br>&nbsp;`)).toEqual({
      fault: 's:Serveré',
      code: 'é',
    });
  });

  it('are read in the encoding of the answer', () => {
    const latin = Buffer.from('<error code="\xe9"/>', 'latin1');
    expect(read(latin, 'ISO-8859-1')).toEqual({ other: 'é' });
    expect(read(latin)).toEqual({});
  });

  it('are not there where it is no XML, another document, or nothing', () => {
    for (const text of ['', ' ', 'Not found', '{"error":{"code":7}}', '<html><body>no', '<errors code="7"/>'])
      expect(read(text)).toEqual({});
  });
});
