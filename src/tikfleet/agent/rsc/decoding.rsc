# An answer as one flat table of text; the field "id" of the group "job" is "job.id" in it.
#<A
:local decode do={
  :local flat [:toarray ""]
  :foreach key,item in=[:deserialize from=json options=json.no-string-conversion value=$1] do={
    :if ([:typeof $item] = "array") do={
      :foreach part,inner in=$item do={ :set ($flat->($key . "." . $part)) [:tostr $inner] }
    } else={
      :set ($flat->$key) [:tostr $item]
    }
  }
  :return $flat
}
#<BCD
:local decode do={
  :local flat [:toarray ""]
  :local rest ($1 . "\n")
  :while ([:len $rest] > 0) do={
    :local stop [:find $rest "\n"]
    :local line [:pick $rest 0 $stop]
    :set rest [:pick $rest ($stop + 1) [:len $rest]]
    :local cut [:find $line "="]
    :if ([:typeof $cut] = "num") do={
      :local key [:pick $line 0 $cut]
      # A key that comes again adds to what it said before.
      :local earlier [:tostr ($flat->$key)]
      :if ([:len $earlier] > 0) do={ :set earlier ($earlier . "; ") }
      :set ($flat->$key) ($earlier . [:pick $line ($cut + 1) [:len $line]])
    }
  }
  :return $flat
}
#>
