/** A column of a `DataTable`. `key` names its cell slot; `sort` is the API's word for sorting by it. */
export interface Column {
  key: string
  label: string
  align?: 'end'
  sort?: string
  /** Left out below this width: a phone shows what matters first. */
  from?: 'sm' | 'md' | 'lg' | 'xl' | '2xl'
  class?: string
  /** Not in the column chooser: the table makes no sense without it. */
  fixed?: boolean
}

export const COLUMN_FROM: Record<string, string> = {
  sm: 'hidden sm:table-cell', md: 'hidden md:table-cell', lg: 'hidden lg:table-cell', xl: 'hidden xl:table-cell',
  '2xl': 'hidden 2xl:table-cell',
}

export function columnClass(column: Column): string {
  return [column.align === 'end' ? 'text-end figures' : 'text-start', column.from ? COLUMN_FROM[column.from] : '', column.class]
    .filter(Boolean).join(' ')
}

/** The sort to ask for next when a header is pressed: up, then down, then up. */
export function nextSort(current: string | undefined, field: string): string {
  return current === field ? `-${field}` : field
}
