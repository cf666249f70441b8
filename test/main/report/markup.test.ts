import { describe, expect, it } from 'vitest'
import { markup, trustedMarkup } from '../../../src/main/report/markup.ts'

describe('a template of HTML', () => {
  it('escapes what comes from data, in text and in attributes', () => {
    const hostile = `"><img src=x onerror='alert(1)'>&\``
    const escaped = '&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&#96;'
    expect(markup`<p title="${hostile}">${hostile}</p>`.toString()).toBe(
      `<p title="${escaped}">${escaped}</p>`,
    )
  })

  it('escapes once when templates are put together', () => {
    const items = ['a & b', '<c>'].map((text) => markup`<li>${text}</li>`)
    expect(markup`<ul>${items}</ul>`.toString()).toBe('<ul><li>a &amp; b</li>\n<li>&lt;c&gt;</li></ul>')
  })

  it('leaves null out and prints numbers', () => {
    expect(markup`<b>${null}${0}</b>`.toString()).toBe('<b>0</b>')
  })

  it('takes text as it stands only when told to', () => {
    expect(markup`${trustedMarkup('<hr>')}${'<hr>'}`.toString()).toBe('<hr>&lt;hr&gt;')
  })

  it('makes a file of UTF-8 out of any text', () => {
    expect(markup`${'a\ud800b\0c'}`.toString()).toBe('a\ufffdb\ufffdc')
  })
})
