/**
 * The scripts that have shells complete the words of the command. Each asks the command at every Tab what the words may
 * become, since that stands in its tables, and adds names of files itself.
 */
import type { Shell } from "./shells.ts";

const BASH = `# Completes the words of aegis in bash. In ~/.bashrc: source <(aegis completions bash)
_aegis() {
  local raw=\${COMP_WORDS[COMP_CWORD]//[\\\\\\"\\']/} words=() at last=0 joined='' word before front path paths='' line
  # Bash cuts words at "=" and ":", which aegis wants whole.
  for ((at = 1; at <= COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]//[\\\\\\"\\']/}
    if ((\${#words[@]} > 0)) && [[ -n $joined || $word =~ ^[=:]+$ ]]; then
      words[last]+=$word
    else
      last=\${#words[@]}
      words[last]=$word
    fi
    joined=''
    [[ $word =~ ^[=:]+$ ]] && joined=yes
  done
  word=\${words[last]}
  [[ $raw =~ ^[=:]+$ ]] && raw=''
  before=\${word%"$raw"} # what stands there already
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $paths ]]; then
      paths=$line
      continue
    fi
    line=\${line%%$'\\t'*}
    COMPREPLY+=("\${line#"$before"}")
  done < <(aegis completions bash -- "\${words[@]}" 2>/dev/null)
  case $paths in
    files) at=-f ;;
    directories) at=-d ;;
    *) return 0 ;;
  esac
  path=$word front=''
  [[ $word == --*=* ]] && path=\${word#*=} front=\${word%%=*}=
  compopt -o filenames 2>/dev/null # older ones have no such thing
  while IFS= read -r line; do
    line=$front$line
    COMPREPLY+=("\${line#"$before"}")
  done < <(compgen "$at" -- "$path")
  return 0
}
complete -F _aegis aegis
`;

const ZSH = `#compdef aegis
# Completes the words of aegis in zsh. In ~/.zshrc, below compinit: source <(aegis completions zsh)
_aegis() {
  local -a before answer items
  local paths line word found=1
  (( CURRENT > 2 )) && before=("\${(@Q)words[2,CURRENT-1]}")
  answer=("\${(@f)$(aegis completions zsh -- "\${before[@]}" "$PREFIX" 2>/dev/null)}")
  paths=$answer[1]
  shift answer
  for line in "\${answer[@]}"; do
    word=\${line%%$'\\t'*}
    items+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#items )) && _describe 'aegis' items && found=0
  if [[ $paths == files || $paths == directories ]]; then
    compset -P '--*='
    if [[ $paths == files ]]; then
      _files && found=0
    else
      _files -/ && found=0
    fi
  fi
  return found
}
if [[ $funcstack[1] == _aegis ]]; then
  _aegis "$@"
else
  compdef _aegis aegis
fi
`;

const FISH =
  `# Completes the words of aegis in fish: aegis completions fish > ~/.config/fish/completions/aegis.fish
function __aegis_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l word (commandline -ct)
    set -l answer (aegis completions fish -- $words "$word" 2>/dev/null)
    set -l paths $answer[1]
    set -e answer[1]
    test (count $answer) -gt 0; and printf '%s\\n' $answer
    set -l front (string match -r -- '^--[^=]*=' "$word")
    set -l path (string replace -r -- '^--[^=]*=' '' "$word")
    switch "$paths"
        case files
            for found in (__fish_complete_path "$path")
                echo "$front$found"
            end
        case directories
            for found in (__fish_complete_directories "$path")
                echo "$front$found"
            end
    end
end
complete -c aegis -f -a '(__aegis_complete)'
`;

const POWERSHELL = `# Completes the words of aegis in PowerShell. In $PROFILE:
# aegis completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName aegis -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
  # A program gets no word that is empty from older ones: a blank stands for it.
  if ($wordToComplete -eq '') { $words += ' ' } else { $words[-1] = $wordToComplete }
  $answer = @(& aegis completions powershell '--' @words 2>$null)
  $paths = $answer[0]
  $answer | Select-Object -Skip 1 | ForEach-Object {
    $word, $doc = $_ -split "\`t", 2
    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $doc)
  }
  if ($paths -eq 'files' -or $paths -eq 'directories') {
    $front = if ($wordToComplete -match '^--[^=]*=') { $Matches[0] } else { '' }
    [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete.Substring($front.Length)) |
      Where-Object { $paths -eq 'files' -or $_.ResultType -eq 'ProviderContainer' } |
      ForEach-Object {
        [System.Management.Automation.CompletionResult]::new(
          $front + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
      }
  }
}
`;

/** By shell. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
