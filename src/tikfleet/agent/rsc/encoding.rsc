# One row as text. Every value goes as text; what the router has no value for is left out.
#<A
:local entry do={
  :local row [:toarray ""]
  :foreach key,item in=$2 do={
    :if ([:len [:tostr $item]] > 0) do={ :set ($row->$key) [:tostr $item] }
  }
  :return ("," . [:serialize to=json options=json.no-string-conversion value=$row])
}
#<BCD
:local entry do={
  :local lines ("+" . $1 . "\n")
  :foreach key,item in=$2 do={
    :local plain [:tostr $item]
    :if ([:len $plain] > 0) do={
      :set lines ($lines . $key . "=" . [:len $plain] . ":" . $plain . "\n")
    }
  }
  :return $lines
}
#>

# The first part of a message, from the fields that stand at its top.
#<A
:local opening do={ :return [:pick $1 1 ([:len $1] - 1)] }
#<BCD
:local opening do={ :return ("tikfleet/1\n" . $1) }
#>

# A whole group or table from its rows. A table that was read and is empty says so.
#<A
:local section do={
  :local inner [:pick $2 1 [:len $2]]
  :if ($3 = "rows") do={ :set inner ("[" . $inner . "]") }
  :return (",\"" . $1 . "\":" . $inner)
}
#<BCD
:local section do={
  :local rows $2
  :if ($3 = "rows" and [:len $2] = 0) do={ :set rows ("-" . $1 . "\n") }
  :return $rows
}
#>
