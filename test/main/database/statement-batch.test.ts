import { DatabaseError } from 'pg'
import { describe, expect, it } from 'vitest'
import { BUSY, StatementBatch } from '../../../src/main/database/statement-batch.ts'

/** A statement whose answers come when the test says so. */
function controlledStatement() {
  const sent: { items: readonly string[]; alone: boolean; answer: (error?: Error) => void }[] = []
  const send = (items: readonly string[], alone: boolean) =>
    new Promise<(string | typeof BUSY)[]>((resolve, reject) => {
      const answers = items.map((item) => (item.startsWith('locked') && !alone ? BUSY : `${item} done`))
      sent.push({ items, alone, answer: (error) => (error ? reject(error) : resolve(answers)) })
    })
  const statement = {
    keyOf: (item: string) => item.split('/')[0]!,
    sendMany: (items: readonly string[]) => send(items, false),
    sendOne: async (item: string) => String((await send([item], true))[0]),
  }
  return { statement, sent }
}

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)))
const rowError = () => Object.assign(new DatabaseError('bad', 1, 'error'), { code: '22P05' })

describe('what comes together', () => {
  it('is one statement, and what comes while statements are under way is the next one', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement, { maxInFlight: 1 })
    const first = ['a', 'b'].map((item) => batch.run(item))
    await turn()
    const second = ['c', 'd', 'e'].map((item) => batch.run(item))
    await turn()
    expect(sent.map(({ items }) => items)).toEqual([['a', 'b']])
    sent[0]!.answer()
    expect(await Promise.all(first)).toEqual(['a done', 'b done'])
    await turn()
    expect(sent.map(({ items }) => items)).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ])
    sent[1]!.answer()
    await Promise.all(second)
  })

  it('is never more than the limit in one statement, nor more statements than theirs', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement, { maxItems: 2, maxInFlight: 2 })
    const all = ['a', 'b', 'c', 'd', 'e'].map((item) => batch.run(item))
    await turn()
    await turn()
    expect(sent.map(({ items }) => items.length)).toEqual([2, 2])
    sent[0]!.answer()
    sent[1]!.answer()
    await expect.poll(() => sent.length).toBe(3)
    sent[2]!.answer()
    expect(await Promise.all(all)).toHaveLength(5)
  })

  it('is never two of the same row in one statement', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement, { maxInFlight: 1 })
    const all = ['a/1', 'b/1', 'a/2'].map((item) => batch.run(item))
    await turn()
    expect(sent[0]!.items).toEqual(['a/1', 'b/1'])
    sent[0]!.answer()
    await expect.poll(() => sent.length).toBe(2)
    sent[1]!.answer()
    expect(await all[2]).toBe('a/2 done')
  })
})

describe('what cannot be done with the others', () => {
  it('because its row is locked, waits alone and keeps nobody', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement, { maxInFlight: 1 })
    const [a, locked] = [batch.run('a'), batch.run('locked')]
    await turn()
    sent[0]!.answer()
    expect(await a).toBe('a done')
    const later = batch.run('later')
    await expect.poll(() => sent.length).toBe(3)
    sent.find(({ items }) => items.includes('later'))!.answer()
    expect(await later).toBe('later done')
    sent.find(({ alone }) => alone)!.answer()
    expect(await locked).toBe('locked done')
  })

  it('because its data is refused, fails alone', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement)
    const [good, bad] = [batch.run('good'), batch.run('bad')]
    await turn()
    sent[0]!.answer(rowError())
    await expect.poll(() => sent.filter(({ alone }) => alone)).toHaveLength(2)
    for (const { items, alone, answer } of sent)
      if (alone) answer(items[0] === 'bad' ? rowError() : undefined)
    expect(await good).toBe('good done')
    await expect(bad).rejects.toThrow('bad')
  })

  it('because the connection broke, fails together', async () => {
    const { statement, sent } = controlledStatement()
    const batch = new StatementBatch(statement)
    const all = Promise.allSettled(['a', 'b'].map((item) => batch.run(item)))
    await turn()
    sent[0]!.answer(new Error('Connection terminated'))
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(sent).toHaveLength(1)
  })
})
