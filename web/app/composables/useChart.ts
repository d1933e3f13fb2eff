import { useResizeObserver } from '@vueuse/core'
import type uPlot from 'uplot'
import type { ChartSetting } from '~/utils/chart'

type Wanted = Omit<ChartSetting, 'width' | 'onCursor'>

/** Draws into `box`, again when what it shows, its width or the colour mode changes. uPlot is loaded on first use. */
export function useChart(box: Readonly<Ref<HTMLElement | null>>, wanted: () => Wanted) {
  const cursor = shallowRef<{ index: number, left: number } | null>(null)
  const colorMode = useColorMode()
  const columns = computed(() => chartColumns(wanted().lines))
  let plot: uPlot | null = null

  async function draw() {
    const element = box.value
    if (!element?.clientWidth) return
    const { default: Plot } = await import('uplot')
    if (element !== box.value) return
    plot?.destroy()
    plot = new Plot(chartOptions(Plot, {
      ...wanted(), width: element.clientWidth,
      onCursor: (index, left) => { cursor.value = index === null || left < 0 ? null : { index, left } },
    }), columns.value, element)
  }

  const shape = () => JSON.stringify([wanted().lines.map(line => line.label), wanted().unit, wanted().zone, wanted().height])
  watch([shape, () => colorMode.value], () => nextTick(draw))
  // uPlot can't take more or fewer lines than it was made with.
  watch(columns, now => (plot && plot.series.length === now.length ? plot.setData(now) : draw()))
  useResizeObserver(box, () => {
    if (plot && box.value) plot.setSize({ width: box.value.clientWidth, height: wanted().height })
    else void draw()
  })
  onScopeDispose(() => plot?.destroy())
  return { cursor, columns }
}
