/**
 * Stands for an error whose text may quote what a model answered or was asked: a parser quotes its input, and the
 * client puts whole answers into its messages. Type and code are kept for the log, text and stack are not.
 */
export class WithheldError extends Error {
  declare readonly code?: string

  constructor(original: unknown) {
    super('its text is withheld, because it may quote an answer')
    this.name = original instanceof Error ? original.name : typeof original
    if (original instanceof Error && 'code' in original) this.code = String(original.code)
    // It begins with the text, and names only this place.
    delete this.stack
  }
}
