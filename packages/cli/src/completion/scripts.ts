/*
 * What a shell runs to complete a line of `awp`: it hands the words to `awp complete`, and offers files where that has
 * nothing to say.
 */

const bash = `_awp() {
  local IFS=$'\\n'
  COMPREPLY=($(awp complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
# robustbench:NAME is one word.
COMP_WORDBREAKS=\${COMP_WORDBREAKS//:}
complete -o default -F _awp awp
`;

const zsh = `#compdef awp
_awp() {
  local -a found
  found=(\${(f)"$(awp complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#found} )); then compadd -a found; else _files; fi
}
compdef _awp awp
`;

const fish = `function __awp_complete
  set -l current (commandline -ct)
  set -l found (awp complete -- (commandline -opc)[2..] "$current" 2>/dev/null)
  if set -q found[1]; printf '%s\\n' $found; else; __fish_complete_path "$current"; end
end
complete -c awp -f -a '(__awp_complete)'
`;

/** The script of each shell. */
export const completionScripts = { bash, zsh, fish } as const;
