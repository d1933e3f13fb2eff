# What a menu shows, a stretch of it that fits into one answer: the form of the answer, how many
# rows there are, the number of the first that is left, then the rows.
#+ rest-rows
:local got [@command@];
:local form "value";
:local total 0;
:local sent @start@;
:local rows "";
:if ([:typeof $got] = "array") do={
  :if ([$alone $got]) do={
    :set form "single";
    :set rows [$encoded $got @wanted@];
  } else={
    :set form "rows";
    :foreach row in=$got do={
      :if ($total = $sent and ([:len $rows] < @limit@)) do={
        :set rows ($rows . [$encoded $row @wanted@]);
        :set sent ($sent + 1);
      };
      :set total ($total + 1);
    };
  };
} else={ :set rows [:tostr $got] };
:@give@ ($form . " " . $total . " " . $sent . "\n" . $rows . @end@);
