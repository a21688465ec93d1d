use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use crate::call::{Call, fail, items};
use crate::ip::Ip;
use crate::names_table::{Entry, filter};
use crate::template::python;

/// The filters of ansible.utils for addresses and networks.
pub const TABLE: &[Entry] = &[
    filter("ipaddr", |call| addresses(call, None)),
    filter("ipv4", |call| addresses(call, Some(false))),
    filter("ipv6", |call| addresses(call, Some(true))),
    filter("ipwrap", ipwrap),
    filter("ipsubnet", ipsubnet),
    filter("nthhost", nthhost),
    filter("ipmath", ipmath),
    filter("network_in_network", network_in_network),
    filter("network_in_usable", network_in_usable),
    filter("cidr_merge", cidr_merge),
    filter("hwaddr", hwaddr),
    filter("macaddr", hwaddr),
];

/// Applies a query to one address, or to those of a list that it fits.
fn addresses(call: &mut Call<'_, '_, '_>, version: Option<bool>) -> Result<Value, Error> {
    let value = call.need("value")?;
    let wanted = call.next("query").filter(|query| !query.is_none());
    let wanted = wanted.map_or_else(String::new, |query| python::text(&query));
    if let Some(asked) = call.named("version").and_then(|version| version.as_i64()) {
        return each(&value, &wanted, Some(asked == 6));
    }
    each(&value, &wanted, version)
}

fn each(value: &Value, wanted: &str, version: Option<bool>) -> Result<Value, Error> {
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let mut out = Vec::new();
        for item in items(value)? {
            let found = each(&item, wanted, version)?;
            if found.kind() != ValueKind::Bool || found.is_true() {
                out.push(found);
            }
        }
        return Ok(Value::from(out));
    }
    let no = Value::from(false);
    let Some(ip) = Ip::parse(&python::text(value)).filter(|_| value.kind() == ValueKind::String) else {
        return Ok(no);
    };
    if version.is_some_and(|is_v6| is_v6 != ip.is_v6) {
        return Ok(no);
    }
    Ok(answer(ip, wanted, value)?.unwrap_or(no))
}

fn text(ip: Ip) -> Option<Value> {
    Some(Value::from(ip.to_string()))
}

fn with_prefix(ip: Ip) -> Option<Value> {
    Some(Value::from(format!("{ip}/{}", ip.prefix)))
}

/// Returns what a query finds; `None` when the address is not of that kind.
fn answer(ip: Ip, wanted: &str, value: &Value) -> Result<Option<Value>, Error> {
    let given = |fits: bool| fits.then(|| value.clone());
    Ok(match wanted {
        "" => Some(value.clone()),
        "bool" => Some(Value::from(true)),
        "address" | "ip" => (!ip.is_network()).then(|| Value::from(ip.to_string())),
        "host" | "host/prefix" | "gateway" | "gw" | "address/prefix" => {
            (!ip.is_network()).then(|| with_prefix(ip)).flatten()
        }
        "net" => (ip.is_network() || !ip.has_prefix && ip.prefix == 0).then(|| with_prefix(ip)).flatten(),
        "subnet" | "network/prefix" => with_prefix(ip.network()),
        "network" | "network_id" => text(ip.network()),
        "netmask" => text(ip.netmask()),
        "hostmask" | "wildcard" => text(ip.hostmask()),
        "network_netmask" => Some(Value::from(format!("{} {}", ip.network(), ip.netmask()))),
        "network_wildcard" => Some(Value::from(format!("{} {}", ip.network(), ip.hostmask()))),
        "address/netmask" => Some(Value::from(format!("{ip} {}", ip.netmask()))),
        "prefix" => Some(Value::from(ip.prefix)),
        "broadcast" => (ip.prefix + 1 < ip.width()).then(|| text(ip.last())).flatten(),
        "size" => ip.size().map(Value::from),
        "version" => Some(Value::from(if ip.is_v6 { 6 } else { 4 })),
        "int" => Some(Value::from(ip.bits)),
        "ipv4" => given(!ip.is_v6),
        "ipv6" => given(ip.is_v6),
        "private" => given(ip.is_private()),
        "public" => given(!ip.is_private() && !ip.address().is_multicast() && !ip.address().is_unspecified()),
        "loopback" | "lo" => given(ip.address().is_loopback()),
        "multicast" => given(ip.address().is_multicast()),
        "unicast" => given(!ip.address().is_multicast()),
        "link-local" => given(
            ip.is_private() && matches!(ip.address(), std::net::IpAddr::V4(v4) if v4.is_link_local())
                || matches!(ip.address(), std::net::IpAddr::V6(v6) if v6.is_unicast_link_local()),
        ),
        "revdns" => Some(Value::from(ip.reverse_name())),
        "wrap" => Some(Value::from(wrapped(&python::text(value)))),
        "range_usable" => ip.usable().map(|(first, last)| Value::from(format!("{first}-{last}"))),
        "first_usable" => ip.usable().and_then(|(first, _)| text(first)),
        "last_usable" => ip.usable().and_then(|(_, last)| text(last)),
        "next_usable" => usable_beside(ip, 1),
        "previous_usable" => usable_beside(ip, -1),
        "size_usable" => ip.usable().map(|(first, last)| Value::from(last.bits - first.bits + 1)),
        "peer" => peer(ip),
        other => return by_number_or_network(ip, other, value),
    })
}

fn usable_beside(ip: Ip, step: i128) -> Option<Value> {
    let (first, last) = ip.usable()?;
    let next = ip.plus(step)?;
    (first.bits..=last.bits).contains(&next.bits).then(|| Value::from(next.to_string()))
}

/// The other end of a network of two (RFC 3021) or four addresses.
fn peer(ip: Ip) -> Option<Value> {
    match ip.width() - ip.prefix {
        1 => text(Ip { bits: ip.bits ^ 1, ..ip }),
        2 if !ip.is_network() && ip.bits != ip.last().bits => text(Ip { bits: ip.bits ^ 3, ..ip }),
        _ => None,
    }
}

fn by_number_or_network(ip: Ip, wanted: &str, value: &Value) -> Result<Option<Value>, Error> {
    if let Ok(index) = wanted.parse::<i128>() {
        return Ok(ip.nth(index).and_then(with_prefix));
    }
    match Ip::parse(wanted) {
        Some(network) => Ok(network.contains(ip).then(|| value.clone())),
        None => Err(fail(format!("'ipaddr' has no query '{wanted}'"))),
    }
}

fn wrapped(text: &str) -> String {
    match Ip::parse(text).filter(|ip| ip.is_v6) {
        Some(_) => match text.split_once('/') {
            Some((address, prefix)) => format!("[{address}]/{prefix}"),
            None => format!("[{text}]"),
        },
        None => text.to_string(),
    }
}

fn ipwrap(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.need("value")?;
    call.next("query");
    match value.kind() {
        ValueKind::Seq => {
            Ok(items(&value)?.iter().map(|item| Value::from(wrapped(&python::text(item)))).collect())
        }
        _ => Ok(Value::from(wrapped(&python::text(&value)))),
    }
}

fn parsed(call: &mut Call<'_, '_, '_>, name: &str) -> Result<Ip, Error> {
    let text = call.text(name)?;
    Ip::parse(&text).ok_or_else(|| fail(format!("'{text}' is no address or network")))
}

/// `net | ipsubnet(20)` counts the subnets, `ipsubnet(20, n)` gives one; of an address it gives the network around.
fn ipsubnet(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let ip = parsed(call, "value")?;
    let prefix = call.maybe_text("query").filter(|query| !query.is_empty());
    let index = call.maybe_int("index")?;
    let Some(prefix) = prefix else { return Ok(with_prefix(ip.network()).unwrap_or_default()) };
    let prefix: u8 = prefix
        .parse()
        .map_err(|_| fail("'ipsubnet' takes the length of a prefix; other queries are not supported"))?;
    if prefix > ip.width() {
        return Err(fail(format!("a prefix has at most {} bits", ip.width())));
    }
    if ip.prefix == ip.width() {
        let around = Ip { prefix, ..ip };
        return match index {
            None => Ok(with_prefix(around.network()).unwrap_or_default()),
            Some(_) => Err(fail("'ipsubnet' of a single address takes no index")),
        };
    }
    if prefix < ip.prefix {
        return Ok(Value::from(false));
    }
    let count = 1i128 << u32::from(prefix - ip.prefix).min(126);
    let Some(index) = index else { return Ok(Value::from(count)) };
    let index = if i128::from(index) < 0 { count + i128::from(index) } else { i128::from(index) };
    if !(0..count).contains(&index) {
        return Ok(Value::from(false));
    }
    let size = Ip { prefix, ..ip }.size().unwrap_or(0) as i128;
    let found = ip.network().plus(index * size).map(|found| Ip { prefix, ..found });
    Ok(found.and_then(with_prefix).unwrap_or_else(|| Value::from(false)))
}

fn nthhost(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let ip = parsed(call, "value")?;
    let index = call.int_or("query", 0)?;
    Ok(ip.nth(i128::from(index)).and_then(text).unwrap_or_else(|| Value::from(false)))
}

fn ipmath(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let ip = parsed(call, "value")?;
    let amount = call.int_or("amount", 0)?;
    ip.plus(i128::from(amount)).and_then(text).ok_or_else(|| fail("there is no such address"))
}

fn network_in_network(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (outer, inner) = (parsed(call, "value")?, parsed(call, "test")?);
    Ok(Value::from(outer.contains(inner)))
}

fn network_in_usable(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let (outer, inner) = (parsed(call, "value")?, parsed(call, "test")?);
    let usable = outer.usable().is_some_and(|(first, last)| {
        first.bits <= inner.network().bits && inner.last().bits <= last.bits && outer.is_v6 == inner.is_v6
    });
    Ok(Value::from(usable))
}

/// Joins networks that touch; `span` gives the smallest network around all.
fn cidr_merge(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let mut networks = Vec::new();
    for value in items(&call.need("value")?)? {
        let ip = Ip::parse(&python::text(&value))
            .ok_or_else(|| fail(format!("{} is no network", python::repr(&value))))?;
        networks.push(ip.network());
    }
    if call.text_or("action", "merge") == "span" {
        let mut networks = networks.into_iter();
        let Some(mut around) = networks.next() else { return Ok(Value::from(())) };
        for network in networks {
            while !around.contains(network) {
                around = Ip {
                    prefix: around.prefix.checked_sub(1).ok_or_else(|| fail("versions cannot be mixed"))?,
                    ..around
                };
            }
        }
        return Ok(with_prefix(around.network()).unwrap_or_default());
    }
    networks.sort_by_key(|ip| (ip.is_v6, ip.bits, ip.prefix));
    let mut out: Vec<Ip> = Vec::new();
    for network in networks {
        if out.last().is_some_and(|last| last.contains(network)) {
            continue;
        }
        out.push(network);
        while let [.., a, b] = out.as_slice() {
            let parent = Ip { prefix: a.prefix.saturating_sub(1), ..*a };
            let halves = a.prefix == b.prefix
                && a.prefix > 0
                && parent.contains(*b)
                && parent.network().bits == a.bits;
            if !halves {
                break;
            }
            out.truncate(out.len() - 2);
            out.push(parent);
        }
    }
    Ok(out.into_iter().filter_map(with_prefix).collect())
}

fn hwaddr(call: &mut Call<'_, '_, '_>) -> Result<Value, Error> {
    let value = call.text("value")?;
    let style = call.text_or("query", "");
    let digits: String = value.chars().filter(|c| !":-.".contains(*c)).collect::<String>().to_lowercase();
    if digits.len() != 12 || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return match style.as_str() {
            "" | "bool" => Ok(Value::from(false)),
            _ => Err(fail(format!("'{value}' is no hardware address"))),
        };
    }
    let groups = |size: usize, separator: &str| {
        let parts: Vec<&str> = (0..12).step_by(size).map(|at| &digits[at..at + size]).collect();
        parts.join(separator)
    };
    Ok(match style.as_str() {
        "" => Value::from(value),
        "bool" => Value::from(true),
        "bare" => Value::from(digits.to_uppercase()),
        "cisco" => Value::from(groups(4, ".")),
        "linux" | "unix" => Value::from(groups(2, ":")),
        "win" | "eui48" => Value::from(groups(2, "-").to_uppercase()),
        "pgsql" => Value::from(groups(6, ":")),
        other => return Err(fail(format!("'hwaddr' has no style '{other}'"))),
    })
}
