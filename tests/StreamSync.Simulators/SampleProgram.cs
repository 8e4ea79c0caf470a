using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace StreamSync.Simulators;

/// <summary>
/// An invented field program in the shapes of five tools: who exists, who was contacted, and by whom. The demo basket, the
/// acceptance tests and the benchmark write the same program at different sizes.
/// </summary>
/// <param name="people">People of the voter file.</param>
/// <param name="contacts">Contact attempts at the doors and by phone.</param>
/// <param name="texts">Text messages.</param>
/// <param name="signups">Event signups.</param>
/// <param name="donations">Contributions.</param>
public sealed class SampleProgram(int people, int contacts, int texts, int signups, int donations)
{
    const int Committee = 77;
    const int OtherCommittee = 80;
    static readonly DateTime Start = new(2026, 9, 1, 16, 0, 0, DateTimeKind.Unspecified);
    static readonly string[] Results = ["14", "1", "14", "18", "1", "14", "20", "1"];

    /// <summary>People of the voter file.</summary>
    public int People => people;

    /// <summary>Contact attempts.</summary>
    public int Contacts => contacts;

    /// <summary>Text messages.</summary>
    public int Texts => texts;

    /// <summary>Event signups.</summary>
    public int Signups => signups;

    /// <summary>Contributions.</summary>
    public int Donations => donations;

    /// <summary>People who are also in the CRM and in the events tool.</summary>
    public int Supporters => Math.Max(1, people / 3);

    /// <summary>Volunteers: public users, whose names no contact row shows.</summary>
    public int Volunteers => Math.Clamp(contacts / 40, 3, 400);

    /// <summary>Paid staff, whose user name stands on the contact rows.</summary>
    public static int Staff => 4;

    /// <summary>The program of <c>make run</c>.</summary>
    public static SampleProgram Demo() => new(people: 600, contacts: 2400, texts: 500, signups: 120, donations: 40);

    /// <summary>Writes the warehouse tables of VAN: people, contacts, users and public users.</summary>
    /// <param name="folder">Folder of the drop; created if missing.</param>
    public void WriteVan(string folder)
    {
        Write(folder, "tsm_hub_publicusers.csv", "publicuserid,publicusername,vanid,committeeid,datecreated", PublicUsers());
        Write(folder, "tsm_hub_users.csv", "userid,username,firstname,lastname,canvassername,address1,city,state,zip,email,homephone,cellphone", Users());
        Write(folder, "tsm_hub_people_vf.csv", "statecode,vanid,firstname,middlename,lastname,suffix,dob,address,city,state,zip,email,phone,dwid,datemodified", VanPeople());
        Write(folder, "tsm_hub_contactscontacts_vf.csv", VanContactHeader, VanContacts(0, contacts));
    }

    /// <summary>Header of VAN's contact table.</summary>
    public const string VanContactHeader =
        "statecode,contactscontactid,vanid,resultid,committeeid,personcommitteeid,datecreated,datecanvassed,inputtypeid,contacttypeid,username,canvassedby,campaignid,contentid,createdby,contactsphoneid,teamid,divisionid,datemodified";

    /// <summary>Rows of VAN's contact table.</summary>
    /// <param name="from">First contact.</param>
    /// <param name="to">Contact after the last one.</param>
    public IEnumerable<string> VanContacts(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var person = new InventedPerson(i % people);
            var staff = i % 5 == 0;
            var user = staff ? 501 + (i / 5 % Staff) : 902_001 + (i % Volunteers);
            var name = staff ? $"staff{i / 5 % Staff + 1}" : string.Empty;
            var when = Start.AddSeconds(i * 37L % 4_000_000).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            var door = i % 3 != 0;
            yield return string.Create(CultureInfo.InvariantCulture, $"MI,{880_000 + i},{person.VanId},{Results[i % Results.Length]},{Committee},,{when},{when},{(door ? 14 : 11)},{(door ? 2 : 1)},{name},{user},9,,{user},,,,{when}");
        }
    }

    /// <summary>Writes the texting tool's nightly export.</summary>
    /// <param name="folder">Folder of the drop.</param>
    public void WriteThruText(string folder) =>
        Write(folder, "messages_2026-10-01.csv", "message_id,conversation_id,campaign_id,campaign_name,contact_id,contact_phone,contact_first_name,contact_last_name,sender_email,sender_name,direction,body,timestamp,vanid", TextRows());

    /// <summary>Writes a CRM's export of supporters, in columns that people use.</summary>
    /// <param name="folder">Folder of the drop.</param>
    /// <param name="count">How many people; default <see cref="Supporters"/>.</param>
    public void WriteCrm(string folder, int? count = null) =>
        Write(folder, "supporters.csv", "id,first_name,last_name,email,phone,date_of_birth,address,city,state,zip", CrmRows(count ?? Supporters));

    /// <summary>Fills the digital CRM.</summary>
    /// <param name="simulator">The simulator.</param>
    public void Fill(ActionNetworkSimulator simulator)
    {
        for (var i = 0; i < Supporters / 4; i++)
        {
            simulator.PutPerson(OsdiPerson(i));
        }

        simulator.PutEvent(OsdiEvent(1, "Phoenix Rally", "2026-09-14T10:00:00Z"));
        simulator.PutEvent(OsdiEvent(2, "Online Training", "2026-09-20T18:30:00Z"));
    }

    /// <summary>Fills the events tool.</summary>
    /// <param name="simulator">The simulator.</param>
    public void Fill(MobilizeSimulator simulator)
    {
        for (var e = 0; e < 4; e++)
        {
            simulator.PutEvent(MobilizeEvent(e));
        }

        for (var i = 0; i < signups; i++)
        {
            simulator.PutAttendance(MobilizeAttendance(i));
        }
    }

    /// <summary>Webhook bodies of the contributions, one a line item.</summary>
    public IEnumerable<string> ActBlueBodies()
    {
        for (var i = 0; i < donations; i++)
        {
            var person = new InventedPerson(i % Supporters);
            var at = string.Create(CultureInfo.InvariantCulture, $"2026-10-{1 + (i % 28):00}T{i % 24:00}:15:00-04:00");
            yield return new JsonObject
            {
                ["donor"] = new JsonObject
                {
                    ["firstname"] = person.FirstName,
                    ["lastname"] = person.LastName,
                    ["addr1"] = person.Street,
                    ["city"] = person.City,
                    ["state"] = "MI",
                    ["zip"] = person.Zip,
                    ["country"] = "United States",
                    ["email"] = person.Email,
                    ["phone"] = person.Phone,
                    ["isEligibleForExpressLane"] = true,
                    ["employerData"] = new JsonObject { ["employer"] = "Self", ["occupation"] = "Nurse" },
                },
                ["contribution"] = new JsonObject
                {
                    ["createdAt"] = at,
                    ["orderNumber"] = $"AB{200_000 + i}",
                    ["contributionForm"] = "fall-drive",
                    ["refcodes"] = new JsonObject { ["refcode"] = "em77" },
                    ["recurringPeriod"] = "once",
                    ["recurringDuration"] = 1,
                    ["isRecurring"] = false,
                    ["isPaypal"] = false,
                    ["isMobile"] = false,
                    ["isExpress"] = false,
                    ["withExpressLane"] = false,
                    ["expressSignup"] = false,
                    ["uniqueIdentifier"] = $"u-{i}",
                    ["textMessageOption"] = "unknown",
                    ["customFields"] = new JsonArray(),
                    ["status"] = "approved",
                },
                ["lineitems"] = new JsonArray(new JsonObject
                {
                    ["sequence"] = 1,
                    ["entityId"] = 11,
                    ["fecId"] = "C000011",
                    ["committeeName"] = "Example Org",
                    ["amount"] = string.Create(CultureInfo.InvariantCulture, $"{5 + (i % 20)}.00"),
                    ["paidAt"] = at,
                    ["paymentId"] = 14_000 + i,
                    ["lineitemId"] = 90_000 + i,
                }),
                ["form"] = new JsonObject { ["name"] = "fall-drive", ["kind"] = "page", ["ownerEmail"] = "f@example.org", ["managingEntityName"] = "Example Org" },
            }.ToJsonString();
        }
    }

    static JsonObject OsdiPerson(int i)
    {
        var p = new InventedPerson(i);
        return new JsonObject
        {
            ["identifiers"] = new JsonArray($"action_network:00000000-0000-4000-8000-{i:000000000000}"),
            ["created_date"] = "2026-01-05T15:00:00Z",
            ["modified_date"] = Stamp(new DateTime(2026, 9, 1, 12, 0, 0, DateTimeKind.Utc).AddSeconds(i)),
            ["given_name"] = p.FirstName,
            ["family_name"] = p.LastName,
            ["languages_spoken"] = new JsonArray("en"),
            ["email_addresses"] = new JsonArray(new JsonObject { ["primary"] = true, ["address"] = p.Email.ToUpperInvariant(), ["status"] = "subscribed" }),
            ["phone_numbers"] = new JsonArray(new JsonObject { ["primary"] = true, ["number"] = "1" + p.Phone, ["number_type"] = "Mobile", ["status"] = "subscribed" }),
            ["postal_addresses"] = new JsonArray(new JsonObject { ["primary"] = true, ["address_lines"] = new JsonArray(p.Street), ["locality"] = p.City, ["region"] = "MI", ["postal_code"] = p.Zip, ["country"] = "US" }),
            ["custom_fields"] = new JsonObject { ["volunteer"] = "1" },
            ["_links"] = new JsonObject(),
        };
    }

    static JsonObject OsdiEvent(int i, string title, string start) => new()
    {
        ["identifiers"] = new JsonArray($"action_network:00000000-0000-4000-8000-e{i:00000000000}"),
        ["created_date"] = "2026-08-01T00:00:00Z",
        ["modified_date"] = "2026-08-02T00:00:00Z",
        ["title"] = title,
        ["start_date"] = start,
        ["end_date"] = null,
        ["status"] = "confirmed",
        ["visibility"] = "public",
        ["capacity"] = 0,
        ["browser_url"] = "https://actionnetwork.example.org/events/" + i.ToString(CultureInfo.InvariantCulture),
        ["location"] = new JsonObject { ["venue"] = "Park", ["address_lines"] = new JsonArray("1 Cactus Rd"), ["locality"] = "Flint", ["region"] = "MI", ["postal_code"] = "48502", ["country"] = "US" },
        ["_links"] = new JsonObject(),
    };

    static JsonObject MobilizeEvent(int e) => new()
    {
        ["id"] = 500 + e,
        ["title"] = e % 2 == 0 ? "Door Knock" : "Phone Bank",
        ["summary"] = "",
        ["description"] = "<p>Bring água</p>",
        ["timezone"] = "America/Detroit",
        ["sponsor"] = new JsonObject { ["id"] = 1, ["name"] = "Example Org", ["slug"] = "example-org", ["org_type"] = "INDEPENDENT" },
        ["timeslots"] = new JsonArray(new JsonObject { ["id"] = 9000 + e, ["start_date"] = 1_791_000_000 + (e * 86_400), ["end_date"] = 1_791_010_800 + (e * 86_400), ["max_attendees"] = null, ["is_full"] = false, ["instructions"] = null }),
        ["location"] = new JsonObject { ["venue"] = "HQ", ["address_lines"] = new JsonArray("9 Mesa Dr", ""), ["locality"] = "Lansing", ["region"] = "MI", ["country"] = "US", ["postal_code"] = "48910", ["location"] = null },
        ["event_type"] = e % 2 == 0 ? "CANVASS" : "PHONE_BANK",
        ["created_date"] = 1_788_000_000,
        ["modified_date"] = 1_788_500_000 + e,
        ["browser_url"] = "https://mobilize.example.org/event/" + (500 + e).ToString(CultureInfo.InvariantCulture),
        ["visibility"] = "PUBLIC",
        ["is_virtual"] = false,
        ["contact"] = new JsonObject { ["name"] = "", ["email_address"] = "events@example.org" },
        ["approval_status"] = "APPROVED",
    };

    JsonObject MobilizeAttendance(int i)
    {
        var p = new InventedPerson(i % Supporters);
        var e = i % 4;
        var body = MobilizeEvent(e);
        return new JsonObject
        {
            ["id"] = 70_000 + i,
            ["created_date"] = 1_789_000_000 + i,
            ["modified_date"] = 1_789_000_001 + i,
            ["person"] = new JsonObject
            {
                ["id"] = 4_100_000 + p.Index,
                ["person_id"] = 4_100_000 + p.Index,
                ["user_id"] = 4_000_000 + p.Index,
                ["created_date"] = 1_700_000_000,
                ["modified_date"] = 1_789_000_000,
                ["given_name"] = p.FirstName,
                ["family_name"] = p.LastName,
                ["email_addresses"] = new JsonArray(new JsonObject { ["primary"] = true, ["address"] = p.Email }),
                ["phone_numbers"] = new JsonArray(new JsonObject { ["primary"] = true, ["number"] = p.Phone }),
                ["postal_addresses"] = new JsonArray(new JsonObject { ["primary"] = true, ["postal_code"] = p.Zip }),
                ["sms_opt_in_status"] = "OPT_IN",
                ["blocked_date"] = null,
            },
            ["event"] = body,
            ["timeslot"] = body["timeslots"]![0]!.DeepClone(),
            ["sponsor"] = body["sponsor"]!.DeepClone(),
            ["status"] = i % 7 == 0 ? "CANCELLED" : i % 2 == 0 ? "CONFIRMED" : "REGISTERED",
            ["attended"] = i % 7 == 0 ? null : i % 3 == 0 ? JsonValue.Create(false) : JsonValue.Create(true),
            ["referrer"] = new JsonObject { ["utm_source"] = "email", ["utm_campaign"] = "fall", ["url"] = "" },
            ["custom_signup_field_values"] = new JsonArray(),
        };
    }

    IEnumerable<string> PublicUsers()
    {
        for (var v = 0; v < Volunteers; v++)
        {
            var volunteer = new InventedPerson(v % people);
            yield return string.Create(CultureInfo.InvariantCulture, $"{902_001 + v},{volunteer.FirstName} {volunteer.LastName[0]},{volunteer.VanId},{Committee},2026-08-20 10:00:00");
        }

        // The same id under another committee is somebody else.
        yield return string.Create(CultureInfo.InvariantCulture, $"902001,Pat Q,100200400,{OtherCommittee},2026-08-21 10:00:00");
    }

    static IEnumerable<string> Users()
    {
        for (var s = 1; s <= Staff; s++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{500 + s},staff{s},STAFF,NUMBER{s},Staff {s},,Lansing,Michigan,48910,staff{s}@example.com,,(202) 555-01{50 + s}");
        }
    }

    IEnumerable<string> VanPeople()
    {
        for (var i = 0; i < people; i++)
        {
            var p = new InventedPerson(i);
            yield return string.Create(CultureInfo.InvariantCulture, $"MI,{p.VanId},{p.FirstName},,{p.LastName},,{p.DateOfBirth},{p.Street},{p.City},MI,{p.Zip},,({p.Phone[..3]}) {p.Phone[3..6]}-{p.Phone[6..]},{7_000_000 + i},2026-08-01 09:00:00");
        }
    }

    IEnumerable<string> TextRows()
    {
        for (var i = 0; i < texts; i++)
        {
            var p = new InventedPerson(i % people);
            var outgoing = i % 3 != 2;
            var at = new DateTime(2026, 10, 1, 3, 30, 0, DateTimeKind.Utc).AddSeconds(i * 11L).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
            var sender = outgoing ? $"texter{i % 5}@example.com,Texter {(char)('A' + (i % 5))}" : ",";
            yield return string.Create(CultureInfo.InvariantCulture, $"m{i},c{p.Index},g1,GOTV,k{p.Index},+1{p.Phone},{p.FirstName},{p.LastName},{sender},{(outgoing ? "outgoing" : "incoming")},{(outgoing ? "\"Hi, will you vote?\"" : "yes")},{at},{p.VanId}");
        }
    }

    static IEnumerable<string> CrmRows(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var p = new InventedPerson(i);
            yield return string.Create(CultureInfo.InvariantCulture, $"crm-{i},{p.FirstName.ToUpperInvariant()},{p.LastName},{p.Email},{p.Phone[..3]}-{p.Phone[3..6]}-{p.Phone[6..]},{p.DateOfBirth},\"{p.Street}, Apt 1\",{p.City},MI,{p.Zip}");
        }
    }

    static string Stamp(DateTime at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes beside the folder first and moves into place, as careful exporters do.</summary>
    static void Write(string folder, string name, string header, IEnumerable<string> rows)
    {
        Directory.CreateDirectory(folder);
        var part = Path.Combine(folder, "." + name + ".part");
        using (var writer = new StreamWriter(part, append: false, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" })
        {
            writer.WriteLine(header);
            foreach (var row in rows)
            {
                writer.WriteLine(row);
            }
        }

        File.Move(part, Path.Combine(folder, name), overwrite: true);
    }
}
