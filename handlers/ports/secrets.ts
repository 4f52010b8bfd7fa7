/** Secrets by their id: a name or an ARN. What is read is known to the invocation's redactor from then on. */
export interface Secrets {
  /** The secret's text fields. Throws SecretMissing (none, or not a JSON object of texts), ServiceUnavailable, ServiceRefused. */
  read(id: string): Promise<Readonly<Record<string, string>>>;
}
