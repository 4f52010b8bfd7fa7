/** Secrets by their id: a name or an ARN. */
export interface Secrets {
  /** The secret's text fields. Throws SecretMissing (none, or not a JSON object of texts), ServiceUnavailable, ServiceRefused. */
  read(id: string): Promise<Readonly<Record<string, string>>>;
}
