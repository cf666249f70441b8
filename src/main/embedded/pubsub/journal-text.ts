import type { PublishedMessage } from './delivery.ts'
import type { JournalRecord } from './journal.ts'

/** JSON has no bytes. */
type StoredMessage = Omit<PublishedMessage, 'data'> & { readonly data: string }

/** The record as one line. */
export function writeRecord(record: JournalRecord): string {
  if (record.kind !== 'published') return `${JSON.stringify(record)}\n`
  const messages = record.messages.map((message): StoredMessage => ({
    ...message,
    data: message.data.toString('base64'),
  }))
  return `${JSON.stringify({ ...record, messages })}\n`
}

/** Throws where the line is no record. */
export function readRecord(line: string): JournalRecord {
  const record = JSON.parse(line) as JournalRecord
  if (record.kind !== 'published') return record
  const messages = (record.messages as unknown as StoredMessage[]).map((message) => ({
    ...message,
    data: Buffer.from(message.data, 'base64'),
  }))
  return { ...record, messages }
}
