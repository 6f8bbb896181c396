<?php
// Reads JSON lines on stdin and answers on stdout, by the ops of net_smtp.php.
error_reporting(E_ERROR);
foreach (["Net/SMTP.php", "Auth/SASL.php"] as $file) {
    if (!@include_once $file) {
        fwrite(STDERR, "there is no $file; install the packages php-net-smtp and php-auth-sasl\n");
        exit(1);
    }
}

require __DIR__ . "/net_smtp.php";

/** What the registry of PEAR says. */
function library_version(): string
{
    $folder = dirname((new ReflectionClass("Net_SMTP"))->getFileName(), 2);
    $known = @unserialize((string) @file_get_contents("$folder/.registry/net_smtp.reg"));
    return $known["version"]["release"] ?? "of unknown version";
}

/** The arguments of a request: `x_b64` decoded as `x`, nulls left out. */
function arguments(array $row): array
{
    $args = [];
    foreach (array_diff_key($row, ["seq" => 0, "op" => 0, "lmtp" => 0]) as $name => $given) {
        if (str_ends_with($name, "_b64")) {
            $given = is_array($given) ? array_map("base64_decode", $given) : base64_decode($given);
            $name = substr($name, 0, -4);
        }
        $args[$name] = $given;
    }
    return array_filter($args, fn($given) => $given !== null);
}

function answer(Ops $ops, array $row): array
{
    [$protocol, $verb] = explode(".", $row["op"] ?? "goal.none");
    $args = arguments($row);
    $fits = $protocol === "smtp" && isset(ARGS[$verb]) && !array_diff(array_keys($args), ARGS[$verb]);
    if (!$fits || ($row["lmtp"] ?? false)) {
        return ["outcome" => "unsupported"];
    }
    try {
        [$outcome, $value] = $ops->call($verb, $args);
        return ["outcome" => $outcome, "value" => (object) $value];
    } catch (Outcome $e) {
        return ["outcome" => $e->getMessage()];
    } catch (Error $e) { // what the library stumbles over
        return ["outcome" => "failed"];
    }
}

$ops = new Ops();
while (($line = fgets(STDIN)) !== false) {
    $row = json_decode($line, true);
    if (($row["cmd"] ?? "") === "bye") {
        break;
    }
    $version = "Net_SMTP " . library_version() . ", PHP " . PHP_VERSION;
    $hello = ["name" => "php-net-smtp", "version" => $version, "features" => FEATURES, "limits" => (object) []];
    $said = isset($row["cmd"]) ? $hello : ["seq" => $row["seq"]] + answer($ops, $row);
    echo json_encode($said, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
