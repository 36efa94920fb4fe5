Console.WriteLine("yi");
