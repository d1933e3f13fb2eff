# The word after "KEY=" ($2) in a text of such words ($1); empty when it is not there.
:local word do={
  :local rest (" " . $1 . " ")
  :local found ""
  :local start [:find $rest (" " . $2 . "=")]
  :if ([:typeof $start] = "num") do={
    :set rest [:pick $rest ($start + [:len $2] + 2) [:len $rest]]
    :set found [:pick $rest 0 [:find $rest " "]]
  }
  :return $found
}

# Late binding: a menu that this board or release lacks fails here, under a guard, and not when
# RouterOS compiles this whole script.
:local late do={
  :local code [:parse (":return [" . $1 . "]")]
  :return [$code]
}
