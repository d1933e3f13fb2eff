# One row as text ($1): every property with its type and its length. $2: the properties that are
# wanted, between commas; empty for all.
:local encoded do={
  :local text "+\n";
  :foreach key,item in=$1 do={
    :if ([:len $2] = 0 or [:typeof [:find $2 ("," . $key . ",")]] = "num") do={
      :local kind [:typeof $item];
      :local plain "";
      :if ($kind = "array") do={
        :foreach one in=$item do={ :set plain ($plain . "," . [:tostr $one]) };
        :if ([:len $plain] > 0) do={ :set plain [:pick $plain 1 [:len $plain]] };
      } else={ :set plain [:tostr $item] };
      :set text ($text . $key . "=" . $kind . ":" . [:len $plain] . ":" . $plain . "\n");
    };
  };
  :return $text;
};
# Whether an array is one row, which has names, or a list of rows.
:local alone do={
  :local yes false;
  :foreach key,item in=$1 do={ :if ([:typeof $key] = "str") do={ :set yes true } };
  :return $yes;
};
