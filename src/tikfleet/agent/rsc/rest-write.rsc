# A change, and what it left.
#+ rest-rows
:local item "";
:local seen "";
@find@
:local got [@command@];
:local form "value";
:local rows "";
@after@
:if ($form = "value") do={
  :if ([:typeof $got] = "array") do={
    :if ([$alone $got]) do={
      :set form "single";
      :set rows [$encoded $got ""];
    } else={
      :set form "rows";
      :foreach row in=$got do={ :set rows ($rows . [$encoded $row ""]) };
    };
  } else={ :set rows [:tostr $got] };
};
:put ("tikfleet-rest " . $form . " 0 0\n" . $rows . "tikfleet-end");
