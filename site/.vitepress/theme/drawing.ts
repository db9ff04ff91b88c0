import { useData } from "vitepress";
import { type DefineComponent, defineComponent, h, onMounted, ref, useId, watch } from "vue";

/** A block of Mermaid, drawn in the reader's browser as the forge draws it; its text until then. */
export const Drawing: DefineComponent<{ text: string }> = defineComponent({
  props: { text: { type: String, required: true } },
  setup({ text }) {
    const { isDark } = useData();
    const svg = ref("");
    const id = `drawing-${useId()}`;
    const source = decodeURIComponent(text);
    const draw = async (): Promise<void> => {
      const { default: mermaid } = await import("mermaid");
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? "dark" : "neutral" });
      ({ svg: svg.value } = await mermaid.render(id, source));
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      svg.value === "" ? h("pre", { class: "drawing" }, source) : h("div", { class: "drawing", innerHTML: svg.value });
  },
});
